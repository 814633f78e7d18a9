package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.HalfAppliedException;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.topology.group.ClockSetBackException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskMigratedException;

/** Why a stream thread failed, and what is to be done about it. */
enum FailureKind {
    COMMAND(false, "What failed is refused when it comes again."),
    STORAGE(
            true,
            "Look at the disk of server.data: whether it is full, or fails. What is lost there is read from Kafka again."),
    KAFKA_AWAY(true, "Look whether Kafka can be reached, and whether its partitions have enough replicas in sync."),
    FENCED(true, "If it goes on, look whether another process runs under the same server.node."),
    FORBIDDEN(
            true,
            "Kafka does not let this node in, or forbids what it has to do: look at kafka.properties and Kafka's ACLs."),
    CLOCK_SET_BACK(true, "Let the clock of this machine be slowed down instead of being set back."),
    UNEXPECTED(true, "If it goes on, this is an error of this program: please report it.");

    private final boolean slower;
    private final String remedy;

    FailureKind(boolean slower, String remedy) {
        this.slower = slower;
        this.remedy = remedy;
    }

    /** @return whether trying again at once again would be of no use */
    boolean slower() {
        return slower;
    }

    String remedy() {
        return remedy;
    }

    /** The innermost cause that is known counts: what stands around it only says where it happened. */
    static FailureKind of(Throwable failure) {
        FailureKind kind = UNEXPECTED;
        for (Throwable cause = failure; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            FailureKind known = ofClass(cause);
            kind = known == UNEXPECTED ? kind : known;
        }
        return kind;
    }

    private static FailureKind ofClass(Throwable cause) {
        return switch (cause) {
            case ClockSetBackException clock -> CLOCK_SET_BACK;
            case HalfAppliedException command -> COMMAND;
            case StorageException storage -> STORAGE;
            case ProcessorStateException storage -> STORAGE;
            case AuthorizationException forbidden -> FORBIDDEN;
            case AuthenticationException forbidden -> FORBIDDEN;
            case ProducerFencedException fenced -> FENCED;
            case InvalidProducerEpochException fenced -> FENCED;
            case FencedInstanceIdException fenced -> FENCED;
            case TaskMigratedException fenced -> FENCED;
            case CommitFailedException fenced -> FENCED;
            case TransactionAbortedException fenced -> FENCED;
            case RetriableException away -> KAFKA_AWAY;
            default -> UNEXPECTED;
        };
    }
}
