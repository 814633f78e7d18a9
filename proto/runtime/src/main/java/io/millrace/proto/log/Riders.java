package io.millrace.proto.log;

import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.util.Optional;

/**
 * Polls that wait for work which a command may bring. Their claims ride on it: the work is theirs with the outcome that
 * brings it, without a command of their own. Safe from any thread; never blocks.
 */
public interface Riders {

    /** Nobody ever rides. */
    Riders NONE = (partition, command) -> Optional.empty();

    /**
     * Asks who wants to ride on a command.
     *
     * @param partition where the command goes
     * @param command as it will be written, but for what the command log fills in
     * @return who rides; it will hear of the outcome by one call of {@link Ride#answered} or {@link Ride#failed}
     */
    Optional<Ride> board(int partition, CommandRecord.Builder command);

    /** Claims on one command. */
    interface Ride {

        /** @return what goes into {@link CommandRecord#getClaims()} */
        ClaimWork claims();

        /** The engine has answered the command; without {@link ReplyRecord#getRidden()} it was refused, and its claims void. */
        void answered(ReplyRecord reply);

        /** The command was not written, or not answered in time. */
        void failed();

        /** The answer came after all, after {@link #failed}. */
        void late(ReplyRecord reply);
    }
}
