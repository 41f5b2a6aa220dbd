// The public map: a pin for each place, with its opportunities. The list below it is complete without any of this.
const L = window.L;
const box = document.getElementById("map");
const told = (id) => JSON.parse(document.getElementById(id).textContent);
const places = told("places");
const NEAR = 12; // from here on names of neighbourhoods do not lie over each other

function pin(words, name) {
  const shown = document.createElement("span");
  shown.textContent = words;
  return L.divIcon({ className: name, html: shown, iconSize: [36, 36] });
}

function listed(all) {
  const list = document.createElement("ul");
  for (const [title, address] of all) {
    const link = document.createElement("a");
    [link.textContent, link.href] = [title, address];
    list.appendChild(document.createElement("li")).appendChild(link);
  }
  return list;
}

if (!L) box.hidden = true; // the map did not arrive; the list is there
else if (places.length) {
  const map = L.map(box, { scrollWheelZoom: false, attributionControl: Boolean(box.dataset.tiles) });
  map.fitBounds(places.map((one) => one.at), { padding: [40, 40], maxZoom: 15 });
  if (box.dataset.tiles) {
    map.attributionControl.setPrefix(false);
    L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution }).addTo(map);
  } else { // names to find one's way by
    for (const [lat, lon, name] of told("names")) {
      const below = { interactive: false, keyboard: false, zIndexOffset: -1000 };
      L.marker([lat, lon], { icon: pin(name, "place"), ...below }).addTo(map);
    }
    const sift = () => box.classList.toggle("far", map.getZoom() < NEAR);
    map.on("zoomend", sift);
    sift();
  }
  for (const one of places) {
    // Pins are for pointing: they lie over each other until one zooms in. By keyboard the list has the same links.
    L.marker(one.at, { icon: pin(one.all.length, "pin"), keyboard: false }).bindPopup(listed(one.all)).addTo(map);
  }
}
