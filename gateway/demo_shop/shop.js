/** Fills the demo drawer with orders to ask about; a shop that is no demo has no such list, and no drawer. */

const drawer = document.querySelector(".demo");

async function showDemoOrders() {
  const answer = await fetch("/demo/orders.json");
  if (!answer.ok) return;
  const { orders } = await answer.json();
  if (!orders?.length) return;
  drawer.querySelector("ul").replaceChildren(...orders.map(row));
  drawer.hidden = false;
}

function row({ number, email, status }) {
  const item = document.createElement("li");
  const line = document.createElement("div");
  line.append(worded("b", number), worded("em", status));
  item.append(line, worded("span", email));
  return item;
}

function worded(name, text) {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}

if (drawer) showDemoOrders().catch(() => drawer.remove());
