package io.millrace.infra.topics;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The principals that may write to topics, as far as Kafka's ACLs tell. Super users stand in no ACL.
 *
 * @param byTopic principals that an ACL allows to write, by topic; empty if no ACL does
 */
public record Writers(Map<String, Set<String>> byTopic) {

    private static final Set<String> EVERYBODY = Set.of("User:*", "User:ANONYMOUS");

    /**
     * @return what these ACLs say of the topics. It ignores what they deny, so it may name principals that may not
     *     write
     */
    static Writers of(Collection<AclBinding> acls, Collection<String> topics) {
        Map<String, Set<String>> byTopic = new TreeMap<>();
        for (String topic : topics) {
            Set<String> principals = new TreeSet<>();
            for (AclBinding acl : acls) {
                AclOperation operation = acl.entry().operation();
                if (acl.entry().permissionType() == AclPermissionType.ALLOW
                        && (operation == AclOperation.WRITE || operation == AclOperation.ALL)
                        && covers(acl.pattern(), topic)) {
                    principals.add(acl.entry().principal());
                }
            }
            byTopic.put(topic, principals);
        }
        return new Writers(byTopic);
    }

    private static boolean covers(ResourcePattern pattern, String topic) {
        if (pattern.resourceType() != ResourceType.TOPIC) {
            return false;
        }
        return pattern.patternType() == PatternType.PREFIXED
                ? topic.startsWith(pattern.name())
                : pattern.name().equals(topic) || pattern.name().equals(ResourcePattern.WILDCARD_RESOURCE);
    }

    /** @return the topics that everybody may write to */
    public Set<String> open() {
        Set<String> open = new TreeSet<>();
        byTopic.forEach((topic, principals) -> {
            if (principals.stream().anyMatch(EVERYBODY::contains)) {
                open.add(topic);
            }
        });
        return open;
    }
}
