package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Payload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Things for people and programs as trees. A tree is made of maps with names in a fixed order, lists, texts, numbers,
 * true and false, and payloads, which are JSON already. Here is how they become text.
 */
public final class JsonTree {

    private static final String STEP = "  ";

    private JsonTree() {}

    /** @return the time as text, null for 0 */
    static @Nullable String time(long ms) {
        return ms == 0 ? null : Instant.ofEpochMilli(ms).toString();
    }

    /** Adds what is not null, not empty and not 0. */
    static void put(Map<String, Object> tree, String name, @Nullable Object value) {
        boolean nothing = value == null
                || value instanceof String text && text.isEmpty()
                || value instanceof Number number && number.longValue() == 0
                || value instanceof Map<?, ?> map && map.isEmpty()
                || value instanceof List<?> list && list.isEmpty();
        if (!nothing) {
            tree.put(name, value);
        }
    }

    /**
     * @param before null: nothing
     * @return the tree with all that is as in the one before taken from there, so that many that follow on each other take little
     */
    static @Nullable Map<String, Object> shared(
            @Nullable Map<String, Object> before, @Nullable Map<String, Object> tree) {
        if (before == null || tree == null) {
            return tree;
        }
        Map<String, Object> shared = new LinkedHashMap<>();
        tree.forEach((name, value) -> shared.put(name, shared(before.get(name), value)));
        return shared;
    }

    private static Object shared(@Nullable Object before, Object value) {
        if (before == null || before.equals(value)) {
            return before == null ? value : before;
        }
        if (!(before instanceof List<?> those) || !(value instanceof List<?> these)) {
            return value;
        }
        return sharedList(those, these);
    }

    /** Of long lists a step mostly changes, adds or drops one thing, and all others are the same objects in the same order. */
    private static List<?> sharedList(List<?> those, List<?> these) {
        List<Object> shared = new ArrayList<>(these.size());
        int next = 0;
        for (int i = 0; i < these.size(); i++) {
            Object each = these.get(i);
            if (isAt(those, next, each)) {
                next++;
            } else if (isAt(those, next + 1, each)) {
                next += 2;
            } else if (i + 1 == these.size() || isAt(those, next + 1, these.get(i + 1))) {
                each = next < those.size() && those.get(next).equals(each) ? those.get(next) : each;
                next++;
            } else {
                return sharedByContent(those, these);
            }
            shared.add(each);
        }
        return List.copyOf(shared);
    }

    private static boolean isAt(List<?> list, int place, Object object) {
        return place < list.size() && list.get(place) == object;
    }

    private static List<?> sharedByContent(List<?> those, List<?> these) {
        Map<Object, Object> known = new HashMap<>();
        those.forEach(each -> known.put(each, each));
        return these.stream().map(each -> known.getOrDefault(each, each)).toList();
    }

    /** @return the tree as JSON in one line */
    public static String json(@Nullable Object tree) {
        JsonLine line = new JsonLine();
        line.write(tree);
        return line.toString();
    }

    /** @return the tree for people, a line for each thing in it, indented by what it belongs to */
    public static List<String> lines(Object tree) {
        List<String> lines = new ArrayList<>();
        lines("", tree, lines);
        return lines;
    }

    private static void lines(String indent, Object tree, List<String> lines) {
        switch (tree) {
            case Map<?, ?> map ->
                map.forEach((name, value) -> {
                    if (value instanceof Map || value instanceof List) {
                        lines.add(indent + name + ":");
                        lines(indent + STEP, value, lines);
                    } else {
                        lines.add(indent + name + ": " + leaf(value));
                    }
                });
            case List<?> list -> {
                for (Object each : list) {
                    if (each instanceof Map<?, ?> map) {
                        lines.add(indent + "- " + inLine(map));
                    } else {
                        lines.add(indent + "- " + leaf(each));
                    }
                }
            }
            default -> lines.add(indent + leaf(tree));
        }
    }

    private static String inLine(Map<?, ?> map) {
        StringBuilder line = new StringBuilder();
        map.forEach((name, value) -> line.append(line.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(value instanceof Map<?, ?> inner ? "(" + inLine(inner) + ")" : leaf(value)));
        return line.toString();
    }

    private static String leaf(Object value) {
        return value instanceof Payload || value instanceof List ? json(value) : String.valueOf(value);
    }

    /**
     * @return what differs between two trees: lines of the first behind "- ", of the second behind "+ ", each with the way to it.
     *     What is in a list is known by its id where it has one, and by its place otherwise
     */
    public static List<String> differences(Object first, Object second) {
        Map<String, String> before = new TreeMap<>();
        Map<String, String> after = new TreeMap<>();
        flatten("", first, before);
        flatten("", second, after);
        List<String> lines = new ArrayList<>();
        TreeSet<String> paths = new TreeSet<>(before.keySet());
        paths.addAll(after.keySet());
        for (String path : paths) {
            String there = before.get(path);
            String here = after.get(path);
            if (!Objects.equals(there, here)) {
                if (there != null) {
                    lines.add("- " + path + ": " + there);
                }
                if (here != null) {
                    lines.add("+ " + path + ": " + here);
                }
            }
        }
        return lines;
    }

    private static void flatten(String path, Object tree, Map<String, String> into) {
        switch (tree) {
            case Map<?, ?> map -> map.forEach((name, value) -> flatten(path + "/" + name, value, into));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    Object id = list.get(i) instanceof Map<?, ?> map ? map.get("id") : null;
                    flatten(path + "/" + (id == null ? String.valueOf(i + 1) : id), list.get(i), into);
                }
            }
            case null -> into.put(path, "null");
            default -> into.put(path, leaf(tree));
        }
    }
}
