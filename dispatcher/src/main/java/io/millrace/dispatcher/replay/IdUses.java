package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an id is in commands: that of an execution, or of something else that people take for one. */
final class IdUses {

    private static final Set<String> EXECUTIONS =
            Set.of("execution_id", "task_id", "new_execution_id", "parent_execution_id", "child_execution_id");

    private static final Map<String, String> OTHERS = Map.of(
            "org_id", "an organisation",
            "command_id", "a command",
            "bulk_job", "a bulk job",
            "job_id", "a bulk job",
            "cursor_id", "an item of a bulk job",
            "schedule_id", "a schedule",
            "promise_id", "a promise",
            "claim_id", "a claim",
            "tenure_id", "the time for which a node has a partition");

    private IdUses() {}

    /** @return names of the fields of the command that hold the id, at whatever depth; none where there is no command */
    static Set<String> of(@Nullable CommandRecord command, UUID id) {
        Set<String> uses = new TreeSet<>();
        if (command != null) {
            look(command, Ids.toByteString(id), uses);
        }
        return uses;
    }

    private static void look(Message message, ByteString id, Set<String> uses) {
        message.getAllFields().forEach((field, value) -> {
            for (Object one : field.isRepeated() ? (List<?>) value : List.of(value)) {
                look(field, one, id, uses);
            }
        });
    }

    private static void look(FieldDescriptor field, Object value, ByteString id, Set<String> uses) {
        if (value instanceof Message inner) {
            look(inner, id, uses);
        } else if (value.equals(id)) {
            uses.add(field.getName());
        }
    }

    /** @return whether one of the fields names an execution or a task */
    static boolean ofExecution(Collection<String> uses) {
        return uses.stream().anyMatch(EXECUTIONS::contains);
    }

    /** @return whether it is known what an id in a field of this name is of */
    static boolean knows(String field) {
        return EXECUTIONS.contains(field) || OTHERS.containsKey(field);
    }

    /** @return what has the id, for people */
    static String named(Collection<String> uses) {
        return uses.stream()
                .map(use -> OTHERS.getOrDefault(use, "something else, by the field " + use + " of commands"))
                .distinct()
                .collect(Collectors.joining(" and of "));
    }
}
