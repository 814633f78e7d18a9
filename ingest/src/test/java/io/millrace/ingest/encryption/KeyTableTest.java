package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.Erasure;
import io.millrace.proto.v1.ErasureEnded;
import java.time.Duration;
import java.util.ArrayList;
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

        table.accept(key(KEY, SELF), Seal.NONE);
        table.accept(erasure(), Seal.NONE);
        table.accept(begun(Set.of(KEY), 7).toRecord(), Seal.NONE);

        assertEquals(ADA, table.find(KEY).orElseThrow().owner());
        assertEquals(OptionalLong.empty(), table.erasedMs(KEY));
        assertEquals(List.of(), table.begunBefore(Duration.ZERO));
    }

    @Test
    void whatIsFromBeforeRecordsWereSealedIsKnown() {
        table.accept(key(KEY, SELF), Seal.NONE);
        table.accept(key(KEY, ADA), Seal.NONE);
        assertEquals(ADA, table.find(KEY).orElseThrow().owner());

        table.remove(KEY);
        table.accept(erasure(), Seal.NONE);
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

    @Test
    void aCopyOfAnOlderRecordNeverCounts() {
        assertFalse(table.accept(key(KEY, ADA), Seal.COPIED));
        assertEquals(Optional.empty(), table.find(KEY));

        table.accept(key(KEY, ADA));
        assertFalse(table.accept(erasure(), Seal.COPIED));
        assertFalse(table.accept(begun(Set.of(KEY), 7).toRecord(), Seal.COPIED));
        assertTrue(table.find(KEY).isPresent());
        assertEquals(List.of(), table.begunBefore(Duration.ZERO));
    }

    @Test
    void aKeyIsRemovedOnlyWithAFarewellOfANode() {
        table.accept(key(KEY, ADA));
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);
        DataKeyEntry ofAnother = DataKeyEntry.newBuilder()
                .setKey(io.millrace.proto.v1.DataKey.newBuilder().setKeyId(Ids.toByteString(new UUID(5, 5))))
                .build();

        assertFalse(table.removed(place, DataKeyEntry.getDefaultInstance(), Seal.NODE));
        assertFalse(table.removed(place, ofAnother, Seal.NODE));
        assertFalse(table.removed(place, key(KEY, ADA), Seal.NODE));
        for (Seal seal : List.of(Seal.COPIED, Seal.NONE, Seal.UNDATED)) {
            assertFalse(table.removed(place, farewell(), seal));
        }
        assertEquals(Optional.of(key(KEY, ADA)), table.standing(place));
        assertTrue(table.removed(place, farewell(), Seal.NODE));
        assertEquals(Optional.empty(), table.standing(place));
    }

    @Test
    void whatWasErasedStaysSoWhateverIsRemoved() {
        table.accept(key(KEY, ADA));
        table.accept(erasure());
        EntryKey place = new EntryKey(EntryKey.Kind.ERASURE, KEY);

        assertTrue(
                table.removed(new EntryKey(EntryKey.Kind.DATA_KEY, KEY), DataKeyEntry.getDefaultInstance(), Seal.NONE));
        assertFalse(table.removed(place, erasure(), Seal.NODE));
        assertEquals(Optional.of(erasure()), table.standing(place));
    }

    @Test
    void anErasureEndsOnlyWithAFarewellOfANode() {
        BegunErasure begun = begun(Set.of(KEY), 7);
        table.accept(begun.toRecord());
        EntryKey place = new EntryKey(EntryKey.Kind.BEGUN, begun.id());
        DataKeyEntry ended = DataKeyEntry.newBuilder()
                .setEnded(ErasureEnded.newBuilder().setErasureId(Ids.toByteString(begun.id())))
                .build();

        assertFalse(table.removed(place, DataKeyEntry.getDefaultInstance(), Seal.NODE));
        assertFalse(table.removed(place, begun.toRecord(), Seal.NODE));
        assertFalse(table.removed(place, ended, Seal.COPIED));
        assertEquals(Optional.of(begun.toRecord()), table.standing(place));
        assertTrue(table.removed(place, ended, Seal.NODE));
        assertEquals(Optional.empty(), table.standing(place));
    }

    @Test
    void whatNodesErasedByAnUnknownKeyOfTheMacsStaysErased() {
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);
        table.accept(key(KEY, ADA), Seal.NONE);
        table.accept(erasure(), Seal.NONE);

        assertTrue(table.removed(place, DataKeyEntry.getDefaultInstance(), Seal.NONE));
        assertEquals(Optional.empty(), table.find(KEY));
        assertEquals(OptionalLong.of(7), table.erasedMs(KEY));
        table.accept(key(KEY, ADA), Seal.NONE);
        table.accept(key(KEY, ADA));
        assertEquals(Optional.empty(), table.find(KEY));
    }

    @Test
    void anErasureBehindTheRecordThatRemovedTheKeyCountsAsWell() {
        table.accept(key(KEY, ADA), Seal.NONE);
        assertFalse(
                table.removed(new EntryKey(EntryKey.Kind.DATA_KEY, KEY), DataKeyEntry.getDefaultInstance(), Seal.NONE));
        assertTrue(table.find(KEY).isPresent());

        assertTrue(table.accept(erasure(), Seal.NONE));
        assertEquals(Optional.empty(), table.find(KEY));
        assertEquals(OptionalLong.of(7), table.erasedMs(KEY));
    }

    @Test
    void aKeyOfANodeIsKeptWhateverNoNodeSaysOfIt() {
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);
        for (Seal seal : List.of(Seal.UNDATED, Seal.NODE)) {
            table.clear();
            table.accept(key(KEY, ADA), seal);
            assertFalse(table.accept(erasure(), Seal.NONE));
            assertFalse(table.removed(place, DataKeyEntry.getDefaultInstance(), Seal.NONE));
            assertFalse(table.accept(erasure(), Seal.NONE));
            assertFalse(table.removed(place, farewell(), Seal.NONE));
            assertTrue(table.find(KEY).isPresent());
        }
    }

    @Test
    void whatNodesForgotByAnUnknownKeyOfTheMacsStaysForgotten() {
        table.accept(key(KEY, ADA), Seal.NONE);
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);

        assertFalse(table.removed(place, farewell(), Seal.COPIED));
        assertTrue(table.removed(place, farewell(), Seal.NONE));
        assertEquals(Optional.empty(), table.standing(place));
    }

    private static DataKeyEntry farewell() {
        return DataKeyEntry.newBuilder()
                .setKey(io.millrace.proto.v1.DataKey.newBuilder().setKeyId(Ids.toByteString(KEY)))
                .build();
    }

    @Test
    void whatNoNodeHasSealedIsNeverWrittenAnew() {
        UUID other = UUID.randomUUID();
        table.accept(key(other, ADA));
        table.accept(key(KEY, ADA), Seal.NONE);
        OwedRecords owed = new OwedRecords(table, Duration.ofNanos(10));
        List<EntryKey> written = new ArrayList<>();
        EntryKey unsealed = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);
        EntryKey sealed = new EntryKey(EntryKey.Kind.DATA_KEY, other);
        owed.owe(unsealed, 0);
        owed.owe(sealed, 0);

        owed.write(0, collecting(written));
        owed.write(100, collecting(written));

        assertEquals(List.of(sealed, sealed), written);
    }

    @Test
    void whatIsOwedAgainAndAgainIsWrittenOnceInAWhile() {
        table.accept(key(KEY, ADA));
        OwedRecords owed = new OwedRecords(table, Duration.ofNanos(10));
        List<EntryKey> written = new ArrayList<>();
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);

        for (int now = 0; now < 30; now++) {
            owed.owe(place, now);
            owed.write(now, collecting(written));
            owed.settled(place);
        }

        assertEquals(List.of(place, place, place), written);
    }

    @Test
    void soManyRecordsAreWrittenInATurnAndTheOthersInTheNext() {
        OwedRecords owed = new OwedRecords(table, Duration.ofNanos(10));
        List<EntryKey> places = new ArrayList<>();
        for (int i = 0; i < OwedRecords.MOST_IN_A_TURN + 1; i++) {
            UUID id = new UUID(0, i);
            table.accept(key(id, ADA));
            places.add(new EntryKey(EntryKey.Kind.DATA_KEY, id));
            owed.owe(places.getLast(), 0);
        }
        List<EntryKey> written = new ArrayList<>();

        owed.write(0, collecting(written));
        assertEquals(places.subList(0, OwedRecords.MOST_IN_A_TURN), written);
        owed.write(0, collecting(written));
        assertEquals(places, written);
    }

    private static OwedRecords.Writer collecting(List<EntryKey> written) {
        return new OwedRecords.Writer() {
            @Override
            public void entry(EntryKey key, DataKeyEntry entry) {
                written.add(key);
            }

            @Override
            public void removal(EntryKey key) {
                written.add(key);
            }
        };
    }

    @Test
    void whatIsOwedIsWrittenUntilItHasBeenRead() {
        table.accept(key(KEY, ADA), Seal.UNDATED);
        EntryKey place = new EntryKey(EntryKey.Kind.DATA_KEY, KEY);
        assertEquals(Optional.of(Seal.UNDATED), table.seal(place));
        OwedRecords owed = new OwedRecords(table, Duration.ofNanos(10));
        List<String> written = new ArrayList<>();
        OwedRecords.Writer writer = new OwedRecords.Writer() {
            @Override
            public void entry(EntryKey key, DataKeyEntry entry) {
                written.add("entry");
            }

            @Override
            public void removal(EntryKey key) {
                written.add("removal");
            }
        };

        owed.owe(place, 0);
        owed.write(0, writer);
        owed.write(9, writer);
        assertEquals(List.of("entry"), written);
        table.accept(erasure());
        owed.write(10, writer);
        assertEquals(List.of("entry", "removal"), written);
        owed.settled(place);
        owed.write(20, writer);
        assertEquals(List.of("entry", "removal"), written);
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
