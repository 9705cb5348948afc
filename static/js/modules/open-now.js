// Says in two lines, for which there is room, whether the clinic is open, by the reader's clock and the clinic's hours; the page
// itself holds hours only.
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAY = 86400000; // ms
const MINUTE = 60000; // ms

export default function openNow(line) {
  const week = JSON.parse(line.dataset.week);
  const closed = JSON.parse(line.dataset.closed);
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: line.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });

  // Only calendar days are counted on from here, so the clinic's date stands as if it were UTC's.
  const spansOf = (date) => {
    const iso = date.toISOString().slice(0, 10);
    return closed.some(([first, last]) => first <= iso && iso <= last) ? [] : week[(date.getUTCDay() + 6) % 7];
  };

  const say = () => {
    const part = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
    const today = new Date(`${part.year}-${part.month}-${part.day}T00:00Z`);
    const time = `${part.hour}:${part.minute}`;
    const now = spansOf(today).find(([opens, closes]) => opens <= time && time < closes);
    if (now) return `Open now,\nuntil ${now[1]}.`;
    for (let days = 0; days < 60; days += 1) {
      const date = new Date(today.getTime() + days * DAY);
      const next = spansOf(date).find(([opens]) => days > 0 || opens > time);
      if (next) {
        const when = ["", " tomorrow"][days] ?? ` on ${DAYS[(date.getUTCDay() + 6) % 7]}${days < 7 ? "" : `, ${date.getUTCDate()}/${date.getUTCMonth() + 1}`}`;
        return `Closed now.\nOpens${when} at ${next[0]}.`;
      }
    }
    return "";
  };

  const show = () => {
    line.textContent = say();
    line.hidden = !line.textContent;
  };
  show();
  setInterval(show, MINUTE);
}
