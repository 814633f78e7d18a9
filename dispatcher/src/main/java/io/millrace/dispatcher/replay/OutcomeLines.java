package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An outcome in parts that people can read and that can be compared one by one. */
final class OutcomeLines {

    static final String REFUSAL = "refusal";
    static final String TIME = "time";
    static final String RULES = "rules";
    static final String PARTITION_HASH = "partition hash";
    static final String EVENT = "event ";
    static final String EVENT_HASH = "hash of event ";
    private static final String NONE = "";

    private final Map<String, String> lines = new LinkedHashMap<>();

    OutcomeLines(OutcomeRecord outcome) {
        lines.put("command", outcome.getCommand() + " " + RecordText.id(outcome.getCommandId()));
        lines.put("organisation", RecordText.id(outcome.getOrgId()));
        lines.put("asked by", principal(outcome.getPrincipal()));
        lines.put("from", outcome.getOrigin());
        lines.put("trace", outcome.getTraceparent());
        lines.put("MAC", outcome.getMac().name());
        lines.put("hash of the command", hex(outcome.getCommandHash()));
        lines.put("offset", Long.toString(outcome.getCommandOffset()));
        lines.put(TIME, Instant.ofEpochMilli(outcome.getTimeMs()).toString());
        lines.put(RULES, Integer.toString(outcome.getRulesVersion()));
        lines.put(
                REFUSAL,
                outcome.hasRefusal()
                        ? outcome.getRefusal().getReason() + ": "
                                + outcome.getRefusal().getText()
                        : NONE);
        int number = 0;
        for (EventRecord event : outcome.getEventsList()) {
            number++;
            lines.put(EVENT + number, event(event));
            lines.put(EVENT_HASH + number, hex(event.getHash()));
        }
        lines.put(PARTITION_HASH, hex(outcome.getPartitionHash()));
    }

    static String principal(Principal principal) {
        return principal.getType().name().toLowerCase(java.util.Locale.ROOT) + " " + principal.getId()
                + (principal.getRole().isEmpty() ? "" : " as " + principal.getRole())
                + (principal.getCredential().isEmpty() ? "" : " by " + principal.getCredential());
    }

    private static String event(EventRecord event) {
        StringBuilder text = new StringBuilder(event.getType());
        if (!event.getExecutionId().isEmpty()) {
            text.append(' ').append(RecordText.id(event.getExecutionId()));
        }
        if (!event.getTaskId().isEmpty() && !event.getTaskId().equals(event.getExecutionId())) {
            text.append(" task ").append(RecordText.id(event.getTaskId()));
        }
        text.append(" #").append(event.getChainSequence());
        if (event.getHistorySequence() > 0) {
            text.append(" in the history ").append(event.getHistorySequence());
        }
        if (event.getStatusValue() != 0) {
            text.append(" → ").append(event.getStatus());
        }
        return text.append(' ')
                .append(Instant.ofEpochMilli(event.getTimeMs()))
                .append(" of ")
                .append(event.getSubject())
                .append(' ')
                .append(RecordText.id(event.getOrgId()))
                .append(' ')
                .append(event.getData().toStringUtf8())
                .toString();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** @return names of the parts in which the two differ, with their lines: this one's behind "- ", the other's behind "+ " */
    Map<String, List<String>> against(OutcomeLines now) {
        Map<String, List<String>> differing = new LinkedHashMap<>();
        Map<String, String> all = new LinkedHashMap<>(lines);
        now.lines.forEach(all::putIfAbsent);
        for (String name : all.keySet()) {
            String there = lines.getOrDefault(name, NONE);
            String here = now.lines.getOrDefault(name, NONE);
            if (!there.equals(here)) {
                List<String> sides = new ArrayList<>(2);
                sides.add("- " + name + ": " + (there.isEmpty() ? "none" : there));
                sides.add("+ " + name + ": " + (here.isEmpty() ? "none" : here));
                differing.put(name, sides);
            }
        }
        return differing;
    }
}
