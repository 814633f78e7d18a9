package io.millrace.proto.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a cron expression field by field, so that what is wrong with it can be told with its place. What passes here is of the
 * form that cron-utils knows, with seconds in front.
 */
final class CronFields {

    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    private static final List<String> MONTHS =
            List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

    private static final int SUNDAY_LAST = 7;

    private enum Field {
        SECOND("seconds", 0, 59),
        MINUTE("minutes", 0, 59),
        HOUR("hours", 0, 23),
        DAY("days of the month", 1, 31),
        MONTH("months", 1, 12),
        WEEKDAY("days of the week", 0, 7);

        private final String what;
        private final int least;
        private final int most;

        Field(String what, int least, int most) {
            this.what = what;
            this.least = least;
            this.most = most;
        }

        String range() {
            return least + " to " + most;
        }
    }

    private record Word(String text, int position) {}

    private final List<Word> words;

    private CronFields(List<Word> words) {
        this.words = words;
    }

    /** @throws BadTimingException if it is none, with the place of what is wrong */
    static CronFields read(String expression) {
        String nickname = expression.strip().toLowerCase(Locale.ROOT);
        if (nickname.startsWith("@")) {
            String meant = NICKNAMES.get(nickname);
            if (meant == null) {
                throw wrong(
                        expression.indexOf('@') + 1, "one of @yearly, @monthly, @weekly, @daily or @hourly", nickname);
            }
            return new CronFields(withSeconds(words(meant)));
        }
        List<Word> words = words(expression);
        if (words.size() != 5 && words.size() != 6) {
            throw new BadTimingException(
                    "cron",
                    words.size() > 6 ? words.get(6).position() : 0,
                    "expected 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front, but got "
                            + words.size());
        }
        List<Word> all = words.size() == 5 ? withSeconds(words) : words;
        List<Word> checked = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            checked.add(check(Field.values()[i], all.get(i)));
        }
        return new CronFields(checked);
    }

    /** @return the expression with six fields, as cron-utils takes it */
    String expression() {
        return String.join(" ", words.stream().map(Word::text).toList());
    }

    /** @return where the days stand, which are what may never come */
    int dayPosition() {
        return words.get(Field.DAY.ordinal()).position();
    }

    private static List<Word> withSeconds(List<Word> five) {
        List<Word> six = new ArrayList<>(List.of(new Word("0", 0)));
        six.addAll(five);
        return six;
    }

    private static List<Word> words(String expression) {
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < expression.length()) {
            if (Character.isWhitespace(expression.charAt(at))) {
                at++;
                continue;
            }
            int from = at;
            while (at < expression.length() && !Character.isWhitespace(expression.charAt(at))) {
                at++;
            }
            words.add(new Word(expression.substring(from, at), from + 1));
        }
        return words;
    }

    private static Word check(Field field, Word word) {
        String text = word.text().toUpperCase(Locale.ROOT);
        if (text.equals("?") && (field == Field.DAY || field == Field.WEEKDAY)) {
            return new Word("*", word.position());
        }
        int position = word.position();
        List<String> elements = new ArrayList<>();
        for (String element : text.split(",", -1)) {
            elements.add(element(field, element, position));
            position += element.length() + 1;
        }
        return new Word(String.join(",", elements), word.position());
    }

    /** @return one of those that commas part, with numbers instead of names in a range */
    private static String element(Field field, String element, int position) {
        if (element.isEmpty()) {
            throw wrong(position, "a value between commas", "nothing");
        }
        int slash = element.indexOf('/');
        String range = slash < 0 ? element : element.substring(0, slash);
        if (slash >= 0) {
            int step = number(element.substring(slash + 1), position + slash + 1, "a step");
            if (step < 1 || step > field.most) {
                throw wrong(position + slash + 1, "a step of 1 to " + field.most + " for " + field.what, "" + step);
            }
        }
        if (range.equals("*")) {
            return element;
        }
        if (slash < 0 && special(field, range, position)) {
            return element;
        }
        int dash = range.indexOf('-');
        if (dash < 0) {
            value(field, range, position);
            return element;
        }
        int from = value(field, range.substring(0, dash), position);
        int to = value(field, range.substring(dash + 1), position + dash + 1);
        if (field == Field.WEEKDAY && to == 0 && from > 0) {
            to = SUNDAY_LAST; // a week that ends with it
        }
        if (from > to) {
            throw wrong(
                    position,
                    "a range of " + field.what + " that begins before it ends",
                    range.toLowerCase(Locale.ROOT));
        }
        return from + "-" + to + (slash < 0 ? "" : element.substring(slash));
    }

    /** What counts from the end of a month, or by weeks in it. */
    private static boolean special(Field field, String text, int position) {
        if (field == Field.DAY) {
            if (text.equals("L") || text.equals("LW")) {
                return true;
            }
            if (text.endsWith("W")) {
                value(field, text.substring(0, text.length() - 1), position);
                return true;
            }
        }
        if (field == Field.WEEKDAY) {
            int hash = text.indexOf('#');
            if (hash >= 0) {
                value(field, text.substring(0, hash), position);
                int week = number(text.substring(hash + 1), position + hash + 1, "a week");
                if (week < 1 || week > 5) {
                    throw wrong(position + hash + 1, "a week of the month, 1 to 5", "" + week);
                }
                return true;
            }
            if (text.length() > 1 && text.endsWith("L")) {
                value(field, text.substring(0, text.length() - 1), position);
                return true;
            }
        }
        return false;
    }

    private static int value(Field field, String text, int position) {
        if (field == Field.MONTH && MONTHS.contains(text)) {
            return MONTHS.indexOf(text) + 1;
        }
        if (field == Field.WEEKDAY && DAYS.contains(text)) {
            return DAYS.indexOf(text);
        }
        int value = number(text, position, "one of the " + field.what);
        if (value < field.least || value > field.most) {
            throw wrong(position, field.what + " of " + field.range(), text);
        }
        return value;
    }

    private static int number(String text, int position, String what) {
        if (text.isEmpty() || text.length() > 4) {
            throw wrong(position, what, text.isEmpty() ? "nothing" : text);
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                throw wrong(position + i, what, text);
            }
        }
        return Integer.parseInt(text);
    }

    private static BadTimingException wrong(int position, String expected, String found) {
        return new BadTimingException("cron", position, "expected " + expected + ", but got " + found);
    }
}
