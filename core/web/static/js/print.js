/* A button with data-m-print prints the page. */
document.addEventListener("click", (event) => { if (event.target.closest?.("[data-m-print]")) print(); });
