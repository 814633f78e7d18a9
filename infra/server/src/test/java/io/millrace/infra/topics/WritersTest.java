package io.millrace.infra.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

class WritersTest {

    private static final String COMMANDS = "millrace.commands";

    private static AclBinding acl(
            String name, PatternType type, String principal, AclOperation operation, AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, name, type),
                new AccessControlEntry(principal, "*", operation, permission));
    }

    private static AclBinding allow(String name, PatternType type, String principal, AclOperation operation) {
        return acl(name, type, principal, operation, AclPermissionType.ALLOW);
    }

    @Test
    void namesWhoeverAnAclOfTheTopicOfAPrefixOrOfAllTopicsAllowsToWrite() {
        Writers writers = Writers.of(
                List.of(
                        allow(COMMANDS, PatternType.LITERAL, "User:node", AclOperation.WRITE),
                        allow("millrace.", PatternType.PREFIXED, "User:admin", AclOperation.ALL),
                        allow("*", PatternType.LITERAL, "User:ops", AclOperation.WRITE),
                        allow(COMMANDS, PatternType.LITERAL, "User:reader", AclOperation.READ),
                        allow("millrace.events", PatternType.LITERAL, "User:other", AclOperation.WRITE),
                        acl(COMMANDS, PatternType.LITERAL, "User:guest", AclOperation.WRITE, AclPermissionType.DENY)),
                List.of(COMMANDS));

        assertEquals(
                Set.of("User:node", "User:admin", "User:ops"), writers.byTopic().get(COMMANDS));
        assertEquals(Set.of(), writers.open());
    }

    @Test
    void saysWhereEverybodyMayWrite() {
        Writers writers =
                Writers.of(List.of(allow("*", PatternType.LITERAL, "User:*", AclOperation.ALL)), List.of(COMMANDS));

        assertEquals(Set.of(COMMANDS), writers.open());
    }

    @Test
    void whereOnlyNodesWriteIsWhatEverybodyBelieves() {
        Writers writers = Writers.of(
                List.of(allow("*", PatternType.LITERAL, "User:*", AclOperation.ALL)), TopicAdmin.ONLY_BY_NODES);

        assertEquals(
                Set.of(
                        "millrace.commands",
                        "millrace.events",
                        "millrace.directory",
                        "millrace.data-keys",
                        "millrace.checkpoints",
                        "millrace.replies",
                        "millrace.work-available",
                        "millrace.task-streams"),
                writers.open());
    }
}
