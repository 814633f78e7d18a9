package io.millrace.proto;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where an id lives: the low 16 bits of every UUID are its shard, and partition = shard mod partitions. So every node
 * can tell the partition of an id without a look-up. This holds for ever, as long as the number of partitions stays.
 */
public final class Shards {

    private static final int MASK = 0xffff;

    private Shards() {}

    /** @return shard of the id, 0 to 65,535 */
    public static int of(UUID id) {
        return (int) (id.getLeastSignificantBits() & MASK);
    }

    /** @return shard of a key that belongs to an organisation: idempotency keys, promise keys */
    public static int of(UUID orgId, String key) {
        long hash = 0xcbf29ce484222325L ^ orgId.getMostSignificantBits();
        hash = mix(hash) ^ orgId.getLeastSignificantBits();
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return (int) (mix(hash) & MASK);
    }

    /** @return partition of the shard, where there are {@code partitions} of them */
    public static int partition(int shard, int partitions) {
        return shard % partitions;
    }

    /** @return partition of the id, where there are {@code partitions} of them */
    public static int partition(UUID id, int partitions) {
        return partition(of(id), partitions);
    }

    /**
     * Makes an id (version 7, RFC 9562) on the shard: the time, then 58 random bits, then the shard. Ids made one after
     * the other stand side by side in every index, so filling an index does not touch all of it.
     */
    public static UUID newId(int shard) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long most = System.currentTimeMillis() << 16 | 0x7000L | random.nextInt(1 << 12);
        return new UUID(most, least(random.nextLong(), shard));
    }

    /**
     * Makes an id (version 7, RFC 9562) with the last 64 bits of another one: on its shard, and alike to whoever takes these bits
     * as a seed.
     */
    public static UUID newIdBeside(UUID id) {
        long most = System.currentTimeMillis() << 16
                | 0x7000L
                | ThreadLocalRandom.current().nextInt(1 << 12);
        return new UUID(most, id.getLeastSignificantBits());
    }

    /** @return a new id as of {@link #newId(int)} on a random shard */
    public static UUID newId() {
        return newId(ThreadLocalRandom.current().nextInt(MASK + 1));
    }

    /** @return the id (version 4 in form) made of these bits, placed on the shard; same bits, same id */
    public static UUID place(long high, long low, int shard) {
        long most = (high & 0xffffffffffff0fffL) | 0x4000L;
        return new UUID(most, least(low, shard));
    }

    /**
     * Makes an id (version 8, RFC 9562) from the first 48 bits of another id, which are its time, and from the given
     * bits.
     * @return the id, on the shard that the lowest 16 bits of {@code low} say; same id and bits, same result
     */
    public static UUID under(UUID id, long high, long low) {
        long most = (id.getMostSignificantBits() & 0xffffffffffff0000L) | 0x8000L | (high & 0xfff);
        return new UUID(most, least(low, (int) low));
    }

    private static long least(long bits, int shard) {
        return (bits & 0x3fffffffffff0000L) | 0x8000000000000000L | (shard & MASK);
    }

    /** SplitMix64's step, written out: the place of a key must not depend on the random generators of a JDK. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
