/** Contrast of two colours, as WCAG 2.2 defines it, for use in the page. */
const CONTRAST = `
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminances = new Map();
  const luminance = (colour) => {
    if (luminances.has(colour)) return luminances.get(colour);
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    luminances.set(colour, 0.2126 * r + 0.7152 * g + 0.0722 * b);
    return luminances.get(colour);
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
    return 'white';
  };`;
/** An expression for a page, made of statements that know `contrast(a, b)` and `background(element)`. */
export const inPage = (script: string) => `(() => { ${CONTRAST} ${script} })()`;
