package io.millrace.proto.log;

import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.util.Optional;

/**
 * Polls that wait for work which a command may bring. Their claims ride on the command: the outcome that brings the
 * work also gives it to them, without a command of their own. Safe from any thread; never blocks.
 */
public interface Riders {

    /** Nobody ever rides. */
    Riders NONE = (partition, command) -> Optional.empty();

    /**
     * Asks which polls want to ride on a command.
     *
     * @param partition where the command goes
     * @param command as it will be written, without the fields that the command log sets
     * @return the ride, if any poll wants one; its {@link Ride#answered} or {@link Ride#failed} must be called once
     */
    Optional<Ride> board(int partition, CommandRecord.Builder command);

    /** Claims on one command. */
    interface Ride {

        /** @return what goes into {@link CommandRecord#getClaims()} */
        ClaimWork claims();

        /**
         * The engine has answered the command. If {@link ReplyRecord#getRidden()} is not set, it was refused, and its
         * claims are void.
         */
        void answered(ReplyRecord reply);

        /**
         * The command was not written, or not answered in time.
         *
         * @param mayTakeEffect whether it may be carried out later all the same
         */
        void failed(boolean mayTakeEffect);

        /** The answer came after all, following {@link #failed}. */
        void late(ReplyRecord reply);
    }
}
