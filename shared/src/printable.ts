/** Control characters (Unicode's category Cc) other than a new line and a tab. */
const CONTROL = /[^\P{Cc}\n\t]/gu;

/** Makes the text of others safe to show in a terminal: nothing in it moves the cursor, sets the title or hides what was printed before. */
export function printable(text: string): string {
  return text.replace(CONTROL, '\u{fffd}');
}
