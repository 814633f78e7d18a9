// Plots of what was seen over time.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import type { Sight } from "./parts";
import { local } from "./text";

/** One line of a plot. */
export interface Line {
  name: string;
  sights: Sight[];
  /** Variable of the style sheet with its colour. */
  colour: string;
}

const HEIGHT = 160;

/** @returns another number whenever the colours of the page may have changed */
function useColours(): number {
  const [count, set] = useState(0);
  useEffect(() => {
    const changed = () => set((n) => n + 1);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const chosen = new MutationObserver(changed);
    dark.addEventListener("change", changed);
    chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      dark.removeEventListener("change", changed);
      chosen.disconnect();
    };
  }, []);
  return count;
}

/**
 * Lines over time, all of them seen at the same moments. Under the pointer it says what they were.
 *
 * @param shown how a value is written
 */
export function Plot({ title, lines, shown }: { title: string; lines: Line[]; shown: (value: number) => string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const colours = useColours();
  const names = lines.map((line) => line.name).join("\n");
  const data = (): uPlot.AlignedData => [
    (lines[0]?.sights ?? []).map((one) => one.at / 1_000),
    ...lines.map((line) => line.sights.map((one) => one.value)),
  ];
  useEffect(() => {
    const at = box.current;
    if (!at) return undefined;
    const colour = (name: string) => {
      at.style.color = `var(${name})`; // as it comes out, light or dark: a canvas knows no variables
      const is = getComputedStyle(at).color;
      at.style.color = "";
      return is;
    };
    const axis: uPlot.Axis = {
      stroke: colour("--soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      font: "11px system-ui, sans-serif",
    };
    const made = new uPlot(
      {
        width: at.clientWidth,
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [axis, { ...axis, size: 62, values: (_, ticks) => ticks.map(shown) }],
        series: [
          { label: "At", value: (_, seconds) => (seconds === null ? "–" : local(seconds * 1_000)) },
          ...lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: 2,
            points: { show: false },
            value: (_: uPlot, value: number | null) => (value === null ? "–" : shown(value)),
          })),
        ],
      },
      data(),
      at,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height: HEIGHT }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [names, colours]);
  useEffect(() => plot.current?.setData(data()), lines.map((line) => line.sights));
  const last = lines.map((line) => `${line.name} ${shown(line.sights.at(-1)?.value ?? 0)}`).join(", ");
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={box} role="img" aria-label={`${title}: ${last} now`} />
    </figure>
  );
}
