package io.millrace.dispatcher.engine.command;

import io.millrace.dispatcher.engine.command.Command.AnnotateWorkflow;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.ContinueChild;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.LendPlaces;
import io.millrace.dispatcher.engine.command.Command.OfBulkJob;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.OfQuery;
import io.millrace.dispatcher.engine.command.Command.OfSchedule;
import io.millrace.dispatcher.engine.command.Command.PauseWorkflow;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResumeWorkflow;
import io.millrace.dispatcher.engine.command.Command.RetryTask;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.SubmitCommands;
import io.millrace.dispatcher.engine.command.Command.TellPlaces;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.command.Command.WithClaims;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;

/**
 * Versions of the rules by which commands are decided. The version in force stands in the state of each partition and
 * in every outcome. A command of the log raises it, so that every node changes its rules at the same place. Old logs
 * must give the same outcomes for ever. So whoever changes a decision raises {@link #VERSION}, asks {@link
 * io.millrace.dispatcher.engine.state.State#rules} where the rules part, and leaves the older ones as they are.
 *
 * <ul>
 *   <li>2: the oldest that is known. What stands in a log before the first command that raises the rules was decided by it.
 *   <li>3: each constant below that is 3 says what is new.
 *   <li>4: each constant below that is 4 says what is new.
 * </ul>
 */
public final class Rules {

    /** The rules of a log in which no command says otherwise. */
    public static final int OLDEST = 2;

    /** From these rules on the broker's append times move the clock of a partition, and no longer those of writers. */
    public static final int ONE_CLOCK = 3;

    /** From these rules on a command about what is at home in another partition is poison. */
    public static final int IDS_AT_HOME = 3;

    /** From these rules on a command whose MAC proves that no node wrote it is refused, and its outcome has the verdict. */
    public static final int WRITERS_KNOWN = 3;

    /** From these rules on what the server loses does not count against workers. */
    public static final int SERVER_LOSSES = 3;

    /** From these rules on a signal that is sent again with its key is one signal; before, keys of signals were not looked at. */
    public static final int SIGNAL_KEYS = 3;

    /** From these rules on the answer to who settles a promise tells a workflow that had ended from a promise that was settled. */
    public static final int ENDS_TOLD = 3;

    /** From these rules on the ids of children are made of what their workers name them; before, the two were one. */
    public static final int CHILD_IDS_MADE = 3;

    /** From these rules on a signal to a workflow that has completed is noted; before, it was refused. */
    public static final int LATE_SIGNALS_NOTED = 3;

    /**
     * From these rules on each claim, each due thing and each claim of a worker that is missed is a part of its command
     * by itself. A part that fails, or has no room, leaves the others as they are.
     */
    public static final int PARTS_STAND_ALONE = 3;

    /** From these rules on what is due happens for one organisation with each command; before, for all together. */
    public static final int DUE_OF_ONE_ORGANISATION = 3;

    /** From these rules on a child whose start comes again after the child may have left the stores is not started again. */
    public static final int LATE_STARTS_REFUSED = 3;

    /** From these rules on the hashes cover all of an outcome; before, its events only. */
    public static final int WHOLE_OUTCOMES_HASHED = 3;

    /** From these rules on notes for the audit are taken; before, they are poison. */
    public static final int NOTES = 3;

    /**
     * From these rules on there are the commands of operators; before, no node knows them, and they are poison. Workflows are
     * terminated, paused, and asked to cancel before they are cancelled by force. Tasks get their attempts back. Workflows go on in a
     * new run, also by their own decision, and what is asked of a run that has a successor goes to that. Schedules start
     * workflows. Policies say how work of queues and kinds is handed out, and how much of a queue. Bulk jobs ask the same of many.
     */
    public static final int OPERATIONS = 4;

    /**
     * From these rules on a worker that is back may say so of what any process claimed for it, or of single claims; before, only of
     * what earlier processes of one node had claimed.
     */
    public static final int RETURNS_ANYWHERE = 4;

    /**
     * From these rules on the first sign of life of a task is noted, and it has reached its worker: it is in doubt no more when that comes
     * back. Before, a task of its partition's last moments was in doubt all the same.
     */
    public static final int SIGNS_NOTED = 4;

    /** From these rules on a promise that had a key and is over gets it back by no command that comes late; before, it did. */
    public static final int LATE_BINDS = 4;

    /** From these rules on a lease whose end is decided late, since the log could not be written, starts anew; before, it ended. */
    public static final int LATE_ENDS = 4;

    /**
     * From these rules on a tenure says how long its reads may be answered without asking the group. What a node does not know,
     * it cannot wait for.
     */
    public static final int READ_LEASES = 4;

    /**
     * From these rules on events tell all that they do to the state. So a state can be made of them alone, without deciding anything
     * again; before, they left out how long what has ended is kept, and some more.
     */
    public static final int EVENTS_TELL_ALL = 4;

    /**
     * From these rules on work is its holder's: what others report of it is ignored, and so is what is said of workers that are gone or
     * back, where others hold the work.
     */
    public static final int HOLDERS = 4;

    /**
     * From these rules on an execution keeps the trace of the call that started it, and children inherit it; before, a trace
     * ended at the log.
     */
    public static final int TRACES = 4;

    /**
     * From these rules on a command whose number was seen before is refused, since it is a copy. So is one of which nobody can tell;
     * before, numbers were not looked at.
     */
    public static final int COPIES_KNOWN = 4;

    /** From these rules on outcomes and their hashes cover the whole record of the command; before, what the outcome repeats of it. */
    public static final int WHOLE_COMMANDS_HASHED = 4;

    /** From these rules on what executions have behind them is stored apart, in a form that nodes of before cannot read. */
    public static final int PARTS_APART = 4;

    /** From these rules on the time of a task that is to begin later counts from then on; before, from its creation. */
    public static final int LATER_TASKS = 4;

    /**
     * From these rules on a report that is refused counts against the delivery whose report it was; before, also against the one that
     * followed a delivery that was given back.
     */
    public static final int REFUSALS_OF_DELIVERIES = 4;

    /**
     * From these rules on a workflow that a busy worker was handed long before it came from elsewhere is not in doubt, as a task is not;
     * before, each one was.
     */
    public static final int RECENT_TURNS = 4;

    /** From these rules on leases that ran while Kafka did not answer the owner start anew; before, only those that ended meanwhile. */
    public static final int UNSERVED_TIMES = 4;

    /** From these rules on the last renewal by a node that stops says so, and the end of that lease does not count. */
    public static final int LEAVING_NODES = 4;

    /** The newest rules that this code knows. */
    public static final int VERSION = 4;

    /**
     * Largest history of a workflow where no command says otherwise, bytes: public SDKs refuse messages over 4 MB, and a
     * history is one message.
     */
    public static final long MAX_HISTORY_BYTES = 3_670_016;

    /**
     * What the events of one command may come to, bytes. They leave in one record, and one that Kafka does not take would
     * stop its partition for good.
     */
    public static final long MAX_OUTCOME_BYTES = 12L * 1024 * 1024;

    /** Inputs that the claims of one command hand out together, bytes: they come back in one record. */
    public static final long MAX_GRANTED_BYTES = 8L * 1024 * 1024;

    private Rules() {}

    /** @return the oldest rules whose nodes can read the command; for those before it is a record without a command */
    public static int knownSince(Command command) {
        return switch (command) {
            case WithClaims c -> knownSince(c.command());
            case SubmitCommands c -> continuesAsNew(c) ? OPERATIONS : OLDEST;
            case RequestCancellation c -> OPERATIONS;
            case TerminateWorkflow c -> OPERATIONS;
            case RetryTask c -> OPERATIONS;
            case CancelTask c -> c.expectedVersion() == Command.ANY_VERSION ? OLDEST : OPERATIONS;
            case AnnotateWorkflow c -> OPERATIONS;
            case PauseWorkflow c -> OPERATIONS;
            case ResumeWorkflow c -> OPERATIONS;
            case ResetWorkflow c -> OPERATIONS;
            case ContinueChild c -> OPERATIONS;
            case OfSchedule c -> OPERATIONS;
            case StartScheduledRun c -> OPERATIONS;
            case CheckScheduledRun c -> OPERATIONS;
            case OfPolicy c -> OPERATIONS;
            case FollowPolicy c -> OPERATIONS;
            case TellPlaces c -> OPERATIONS;
            case LendPlaces c -> OPERATIONS;
            case OfBulkJob c -> OPERATIONS;
            case OfQuery c -> OPERATIONS;
            default -> OLDEST; // whatever is older was there when this was first asked
        };
    }

    private static boolean continuesAsNew(SubmitCommands submission) {
        for (WorkflowStep step : submission.steps()) {
            if (step instanceof ContinueAsNew) {
                return true;
            }
        }
        return false;
    }
}
