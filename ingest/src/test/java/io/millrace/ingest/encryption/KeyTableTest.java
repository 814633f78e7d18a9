package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.Erasure;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyTableTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final UUID KEY = UUID.randomUUID();
    private static final Owner SELF = new Owner.Execution(KEY);
    private static final Owner ADA = new Owner.Subject("ada");

    private final KeyTable table = new KeyTable();

    @Test
    void findsTheKeysOfAnExecutionAndOfASubject() {
        UUID second = UUID.randomUUID();
        UUID third = UUID.randomUUID();
        table.accept(key(KEY, SELF));
        table.accept(key(second, SELF));
        table.accept(key(third, ADA));

        assertEquals(Set.of(KEY, second), Set.copyOf(table.ofOwner(ORG, SELF)));
        assertEquals(List.of(third), List.copyOf(table.ofOwner(ORG, ADA)));
        assertTrue(table.ofOwner(UUID.randomUUID(), ADA).isEmpty());
        assertTrue(table.ofOwner(UUID.randomUUID(), SELF).isEmpty());
    }

    @Test
    void aKeyThatWasGivenToAnotherOwnerIsThatOnesAlone() {
        table.accept(key(KEY, SELF));
        table.accept(key(KEY, ADA));

        assertEquals(List.of(), List.copyOf(table.ofOwner(ORG, SELF)));
        assertEquals(List.of(KEY), List.copyOf(table.ofOwner(ORG, ADA)));
    }

    @Test
    void anErasedKeyNeverComesBackAndSaysWhenItWasErased() {
        table.accept(key(KEY, ADA));
        table.accept(DataKeyEntry.newBuilder()
                .setErasure(Erasure.newBuilder()
                        .setKeyId(Ids.toByteString(KEY))
                        .setOrgId(Ids.toByteString(ORG))
                        .setOwner(ADA.toRecord())
                        .setErasedAtMs(7))
                .build());
        table.accept(key(KEY, ADA));

        assertEquals(Optional.empty(), table.find(KEY));
        assertEquals(OptionalLong.of(7), table.erasedMs(KEY));
        assertEquals(OptionalLong.of(7), table.erasedMs(ORG, ADA));
        assertTrue(table.ofOwner(ORG, ADA).isEmpty());
    }

    private static DataKeyEntry key(UUID id, Owner owner) {
        return DataKeyEntry.newBuilder()
                .setKey(io.millrace.proto.v1.DataKey.newBuilder()
                        .setKeyId(Ids.toByteString(id))
                        .setOrgId(Ids.toByteString(ORG))
                        .setOwner(owner.toRecord())
                        .setMadeAtMs(1)
                        .setWrappingKey("w1")
                        .setWrapped(ByteString.copyFrom(new byte[60])))
                .build();
    }
}
