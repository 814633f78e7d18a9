package io.millrace.infra.worker;

import io.millrace.proto.Ids;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;

/**
 * Ids that are the same on every replay. They are version 5 UUIDs in the name space of the workflow. Their name is the
 * workflow and a counter, which tasks, children and random ids share. For one activation.
 */
final class ReplayIds {

    private final UUID workflow;
    private int counter;

    ReplayIds(UUID workflow) {
        this.workflow = workflow;
    }

    UUID next() {
        return nameBased(workflow, workflow + ":" + counter++);
    }

    /** @return version 5 UUID of RFC 9562 */
    static UUID nameBased(UUID nameSpace, String name) {
        MessageDigest sha1;
        try {
            sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected SHA-1, which every JDK has", e);
        }
        sha1.update(Ids.toBytes(nameSpace));
        byte[] bits = Arrays.copyOf(sha1.digest(name.getBytes(StandardCharsets.UTF_8)), 16);
        bits[6] = (byte) (bits[6] & 0x0f | 0x50);
        bits[8] = (byte) (bits[8] & 0x3f | 0x80);
        return Ids.fromBytes(com.google.protobuf.ByteString.copyFrom(bits));
    }
}
