package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree as JSON in one line. In a history most of how an execution stands is the same from step to step, and so the same
 * objects ({@link JsonTree#shared}): what was written once is copied. Nothing in the tree may change meanwhile. One thread.
 */
final class JsonLine {

    /** What has fewer parts is written again as fast as it would be found. */
    private static final int WORTH_COPYING = 4;

    private final StringBuilder out = new StringBuilder();
    private final Map<Object, Place> places = new IdentityHashMap<>();

    /** Where something stands. */
    private record Place(int from, int to) {}

    void write(@Nullable Object tree) {
        switch (tree) {
            case null -> out.append("null");
            case Map<?, ?> map when map.size() >= WORTH_COPYING -> once(map, () -> object(map));
            case Map<?, ?> map -> object(map);
            case List<?> list when list.size() >= WORTH_COPYING -> once(list, () -> array(list));
            case List<?> list -> array(list);
            case Payload payload -> out.append(new String(payload.json(), StandardCharsets.UTF_8));
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            default -> quote(tree.toString());
        }
    }

    private void once(Object part, Runnable write) {
        Place there = places.get(part);
        if (there != null) {
            out.append(out.substring(there.from, there.to));
            return;
        }
        int from = out.length();
        write.run();
        places.put(part, new Place(from, out.length()));
    }

    private void object(Map<?, ?> map) {
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> all = map.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<?, ?> entry = all.next();
            quote(String.valueOf(entry.getKey()));
            out.append(':');
            write(entry.getValue());
            out.append(all.hasNext() ? "," : "");
        }
        out.append('}');
    }

    private void array(List<?> list) {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            out.append(i == 0 ? "" : ",");
            write(list.get(i));
        }
        out.append(']');
    }

    private void quote(String text) {
        out.append('"');
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < 0x20) {
                out.append(text, written, i);
                written = i + 1;
                if (c < 0x20) {
                    out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xf, 16));
                } else {
                    out.append('\\').append(c);
                }
            }
        }
        out.append(text, written, text.length()).append('"');
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
