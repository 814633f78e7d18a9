package io.millrace.infra.client.print;

import java.text.BreakIterator;

/** How wide texts are on a terminal, and how they are cut to fit. */
final class Width {

    private static final String MORE = "…";

    private Width() {}

    /** @return the text on one line, without anything that steers a terminal */
    static String harmless(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean steers = Character.isISOControl(c)
                    || c == '\u2028'
                    || c == '\u2029'
                    || (c >= '\u202a' && c <= '\u202e')
                    || (c >= '\u2066' && c <= '\u2069');
            if (steers && out == null) {
                out = new StringBuilder(text.length()).append(text, 0, i);
            }
            if (out != null) {
                out.append(!steers ? c : c == '\n' || c == '\r' || c == '\t' ? ' ' : '\ufffd');
            }
        }
        return out == null ? text : out.toString();
    }

    /** @return number of columns that the text takes */
    static int of(String text) {
        int width = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            width += of(c);
            i += Character.charCount(c);
        }
        return width;
    }

    private static int of(int c) {
        if (c < 0x300) {
            return 1;
        }
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
        return wide ? 2 : 1;
    }

    /** @return the text; if it takes more than these columns, it is cut and ends with a sign that it was */
    static String cut(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        int end = 0;
        int width = 0;
        BreakIterator characters = BreakIterator.getCharacterInstance();
        characters.setText(text);
        for (int next = characters.next(); next != BreakIterator.DONE; next = characters.next()) {
            width += of(text.substring(end, next));
            if (width > columns - 1) {
                break;
            }
            end = next;
        }
        return text.substring(0, end) + MORE;
    }

    /** @return the blanks that fill the text up to these columns */
    static String fill(String text, int columns) {
        return " ".repeat(Math.max(0, columns - of(text)));
    }
}
