// Before the first paint: the theme that was chosen here, else the system's.
try {
  const chosen = localStorage.getItem("curlew.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // storage is closed to us: the system's theme it is
}
