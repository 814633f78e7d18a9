package io.millrace.infra.client.print;

import io.millrace.infra.client.json.JsonCodec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes JSON values as YAML 1.2. A text stands without quotes only if no reader of YAML, old or new, can take it for
 * anything else. In quotes it stands as in JSON, which is YAML, too.
 */
public final class YamlText {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*");
    /** Characters that JSON may contain as they are, but YAML may not. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\u007f-\\u009f\\u2028\\u2029\\ufeff]");

    private static final Set<String> MEANT = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private YamlText() {}

    /** @return lines, each with an end of line */
    public static String of(Object value) {
        StringBuilder out = new StringBuilder();
        block(out, value, 0);
        return out.toString();
    }

    /** @return the value as an item of a list, in lines that each have an end of line */
    public static String item(Object value) {
        return of(List.of(value));
    }

    private static void block(StringBuilder out, Object value, int depth) {
        switch (value) {
            case Map<?, ?> fields
            when !fields.isEmpty() ->
                fields.forEach((name, field) -> {
                    indent(out, depth).append(text(name.toString())).append(':');
                    nested(out, field, depth);
                });
            case List<?> items
            when !items.isEmpty() ->
                items.forEach(item -> {
                    indent(out, depth).append("-");
                    if (item instanceof Map<?, ?> fields && !fields.isEmpty()) {
                        StringBuilder inner = new StringBuilder();
                        block(inner, fields, depth + 1);
                        out.append(' ').append(inner.substring(2 * (depth + 1)));
                    } else {
                        nested(out, item, depth);
                    }
                });
            case null, default -> indent(out, depth).append(scalar(value)).append('\n');
        }
    }

    private static void nested(StringBuilder out, Object value, int depth) {
        boolean lines = value instanceof Map<?, ?> fields && !fields.isEmpty()
                || value instanceof List<?> items && !items.isEmpty();
        if (lines) {
            out.append('\n');
            block(out, value, depth + 1);
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static StringBuilder indent(StringBuilder out, int depth) {
        return out.append("  ".repeat(depth));
    }

    private static String scalar(Object value) {
        return value instanceof String text ? text(text) : JsonCodec.compact(value);
    }

    private static String text(String text) {
        if (PLAIN.matcher(text).matches() && !MEANT.contains(text.toLowerCase(Locale.ROOT))) {
            return text;
        }
        return UNPRINTABLE
                .matcher(JsonCodec.compact(text))
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }
}
