package io.millrace.proto.kafka;

import io.millrace.proto.Shards;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.common.Cluster;

/** Puts a record whose key is an execution's id into the partition of that execution. */
public final class ShardPartitioner implements Partitioner {

    /** @throws IllegalArgumentException if the key is not an id */
    @Override
    public int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
        if (keyBytes == null || keyBytes.length != 2 * Long.BYTES) {
            throw new IllegalArgumentException("expected an id of 16 bytes as the key of a record of " + topic);
        }
        ByteBuffer id = ByteBuffer.wrap(keyBytes);
        return Shards.partition(new UUID(id.getLong(), id.getLong()), cluster.partitionCountForTopic(topic));
    }

    @Override
    public void configure(Map<String, ?> settings) {}

    @Override
    public void close() {}
}
