package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.event.Event.PlacesChanged;
import io.millrace.dispatcher.engine.event.Event.PolicyChanged;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts ready work from nothing but the events, as an auditor would. */
final class Recount {

    private static final Pattern KIND = Pattern.compile("\"kind\":\"([^\"]*)\"");
    private static final Pattern QUEUE = Pattern.compile("\"queue\":\"([^\"]*)\"");

    private static final Pattern SUBJECT_TYPE = Pattern.compile("\"subjectType\":\"([^\"]*)\"");
    private static final Pattern SUBJECT = Pattern.compile("\"subject\":\"([^\"]*)\"");

    /** A workflow (taskId null) or a task. */
    private record Item(UUID executionId, UUID taskId) {}

    private record Place(QueueKey queue, String kind) {}

    private final Map<Item, Place> places = new HashMap<>();
    private final Set<Item> ready = new HashSet<>();
    private final Set<UUID> paused = new HashSet<>();
    /** What would be ready if its workflow were not paused. */
    private final Set<Item> held = new HashSet<>();

    private final Map<QueueKey, Map<String, Integer>> levels = new HashMap<>();

    /** Queues and kinds whose work is not handed out: organisation, type and name. */
    private final Set<List<String>> heldBack = new HashSet<>();

    /** Limits of queues, and the places that this partition has of them: by organisation and name. */
    private final Map<List<String>, WorkPolicy.Limit> limits = new HashMap<>();

    private final Map<List<String>, QueuePlaces> lent = new HashMap<>();

    private static List<String> limited(UUID orgId, String queue) {
        return List.of(orgId.toString(), queue);
    }

    /** @return how much may be asked for or handed out of so much */
    private int open(QueueKey queue, int count, int others) {
        List<String> key = limited(queue.orgId(), queue.queue());
        QueuePlaces here = lent.get(key);
        if (here == null) {
            return count;
        }
        if (here.spare() > 0) {
            return Math.min(count, here.spare());
        }
        // What is awaited may be for others, as far as there are any.
        long left = count - Math.max(0, here.awaited() - others);
        return (int) Math.max(0, Math.min(left, limits.get(key).mostAsked() - here.awaited()));
    }

    /** @return number of ready items by kind that may be handed out, of queues that have some */
    Map<QueueKey, Map<String, Integer>> levels() {
        if (heldBack.isEmpty() && lent.isEmpty()) {
            return levels;
        }
        Map<QueueKey, Map<String, Integer>> left = new HashMap<>();
        levels.forEach((queue, kinds) -> {
            String org = queue.orgId().toString();
            Map<String, Integer> some = new TreeMap<>(kinds);
            some.keySet()
                    .removeIf(kind -> heldBack.contains(List.of(org, "QUEUE", queue.queue()))
                            || heldBack.contains(List.of(org, queue.workType() + "_KIND", kind)));
            int all = some.values().stream().mapToInt(Integer::intValue).sum();
            some.replaceAll((kind, count) -> open(queue, count, all - count));
            some.values().removeIf(count -> count == 0);
            if (!some.isEmpty()) {
                left.put(queue, some);
            }
        });
        return left;
    }

    private void policy(SealedEvent event) {
        PolicyChanged changed = (PolicyChanged) EventParser.parse(event);
        if (changed.subject().type() == WorkSubject.Type.QUEUE) {
            List<String> key = limited(changed.orgId(), changed.subject().name());
            limits.put(key, changed.policy().limit());
            if (lent.containsKey(key)
                    && lent.get(key).epoch() != changed.policy().epoch()) {
                lent.remove(key);
            }
        }
        List<String> subject = List.of(event.orgId().toString(), found(SUBJECT_TYPE, event), found(SUBJECT, event));
        if (new String(event.data(), StandardCharsets.UTF_8).contains("pausedSinceMs")) {
            heldBack.add(subject);
        } else {
            heldBack.remove(subject);
        }
    }

    void take(SealedEvent event) {
        Item item = new Item(event.executionId(), event.taskId());
        switch (event.type()) {
            case "WORK_POLICY_CHANGED" -> policy(event);
            case "QUEUE_PLACES_CHANGED" -> {
                PlacesChanged changed = (PlacesChanged) EventParser.parse(event);
                lent.put(limited(changed.orgId(), changed.queue()), changed.places());
            }
            case "WORKFLOW_STARTED" -> place(item, WorkType.WORKFLOW, event);
            case "TASK_SCHEDULED", "TASK_SUBMITTED" -> place(item, WorkType.TASK, event);
            case "WORKFLOW_READY", "TASK_READY" -> comes(item);
            case "WORK_CLAIMED", "TASK_CLAIMED" -> {
                gone(item);
                QueueKey queue = places.get(item).queue();
                lent.computeIfPresent(limited(queue.orgId(), queue.queue()), (key, here) -> here.taken(here.lentMs()));
            }
            case "WORKFLOW_COMPLETED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_CANCELLED" -> {
                gone(item);
                resumed(event.executionId());
            }
            case "TASK_COMPLETED", "TASK_FAILED", "TASK_CANCELLED" -> gone(item);
            case "WORKFLOW_PAUSED" -> {
                List<Item> all = of(ready, event.executionId());
                all.forEach(this::gone);
                paused.add(event.executionId());
                held.addAll(all);
            }
            case "WORKFLOW_RESUMED" -> resumed(event.executionId());
            case "EXECUTION_EVICTED" -> of(ready, event.executionId()).forEach(this::gone);
            default -> {}
        }
    }

    private static List<Item> of(Set<Item> items, UUID executionId) {
        return items.stream()
                .filter(item -> item.executionId().equals(executionId))
                .toList();
    }

    private void comes(Item item) {
        if (paused.contains(item.executionId())) {
            held.add(item);
        } else if (ready.add(item)) {
            count(item, 1);
        }
    }

    private void resumed(UUID executionId) {
        paused.remove(executionId);
        List<Item> all = of(held, executionId);
        all.forEach(held::remove);
        all.forEach(this::comes);
    }

    private void place(Item item, WorkType type, SealedEvent event) {
        QueueKey queue = new QueueKey(event.orgId(), type, found(QUEUE, event));
        places.put(item, new Place(queue, found(KIND, event)));
    }

    private static String found(Pattern pattern, SealedEvent event) {
        Matcher matcher = pattern.matcher(new String(event.data(), StandardCharsets.UTF_8));
        if (!matcher.find()) {
            throw new AssertionError("expected " + pattern + " in the data of " + event.type());
        }
        return matcher.group(1);
    }

    private void gone(Item item) {
        held.remove(item);
        if (ready.remove(item)) {
            count(item, -1);
        }
    }

    private void count(Item item, int change) {
        Place place = places.get(item);
        Map<String, Integer> kinds = levels.computeIfAbsent(place.queue(), queue -> new TreeMap<>());
        if (kinds.merge(place.kind(), change, Integer::sum) == 0) {
            kinds.remove(place.kind());
        }
        if (kinds.isEmpty()) {
            levels.remove(place.queue());
        }
    }
}
