package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.Erasure;
import java.time.Duration;
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

    private static DataKeyEntry erasure() {
        return DataKeyEntry.newBuilder()
                .setErasure(Erasure.newBuilder()
                        .setKeyId(Ids.toByteString(KEY))
                        .setOrgId(Ids.toByteString(ORG))
                        .setOwner(ADA.toRecord())
                        .setErasedAtMs(7))
                .build();
    }

    private static BegunErasure begun(Set<UUID> keys, long atMs) {
        return new BegunErasure(new UUID(4, 4), ORG, ADA, keys, atMs, Optional.empty());
    }

    @Test
    void whatNoNodeHasSealedChangesNothingThatIsThere() {
        table.accept(key(KEY, ADA));

        table.accept(key(KEY, SELF), false);
        table.accept(erasure(), false);
        table.accept(begun(Set.of(KEY), 7).toRecord(), false);

        assertEquals(ADA, table.find(KEY).orElseThrow().owner());
        assertEquals(OptionalLong.empty(), table.erasedMs(KEY));
        assertEquals(List.of(), table.begunBefore(Duration.ZERO));
    }

    @Test
    void whatIsFromBeforeRecordsWereSealedIsKnown() {
        table.accept(key(KEY, SELF), false);
        table.accept(key(KEY, ADA), false);
        assertEquals(ADA, table.find(KEY).orElseThrow().owner());

        table.remove(KEY);
        table.accept(erasure(), false);
        assertEquals(OptionalLong.of(7), table.erasedMs(KEY));
    }

    @Test
    void anErasureTakesWhatItsOwnerHasAndACopyOfItNothingThatCameSince() {
        table.accept(key(KEY, ADA)); // made at 1
        table.accept(begun(Set.of(), 7).toRecord());
        assertEquals(Set.of(KEY), table.begun(new UUID(4, 4)).orElseThrow().keyIds());
        table.ended(new UUID(4, 4));

        table.accept(begun(Set.of(), 1 - 60_001).toRecord());
        assertEquals(Set.of(), table.begun(new UUID(4, 4)).orElseThrow().keyIds());
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
