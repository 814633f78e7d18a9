package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.proto.Moment;
import java.time.Instant;
import picocli.CommandLine.ITypeConverter;

/** What a moment is in a log: up to where each partition counts. */
final class LogMoments {

    private static final String NOW = "now";

    private LogMoments() {}

    /** Reads a moment, which may be now. */
    static final class OrNow implements ITypeConverter<Moment> {

        private final LogOptions.Moments past = new LogOptions.Moments();

        @Override
        public Moment convert(String text) {
            return text.equals(NOW) ? Moment.NOW : past.convert(text);
        }
    }

    /**
     * Makes sure that the log has the moment.
     *
     * @throws io.millrace.dispatcher.replay.log.LogUnreadableException it has not
     */
    static void expectWithin(RecordedLog log, Moment moment) {
        if (moment.equals(Moment.NOW)) {
            return;
        }
        switch (moment) {
            case Moment.Time time -> log.expectWithin(time.instant(), Instant.now());
            case Moment.LogOffset place -> log.at(log.partition(place.partition()), place);
        }
    }

    /** @return offset of the first command of the partition that does not count any more */
    static long end(RecordedLog log, int partition, Moment moment) {
        return moment.equals(Moment.NOW) ? Long.MAX_VALUE : log.at(partition, moment);
    }

    /**
     * As {@link #end}, for what lives in one partition. Nothing counts of another one than the moment names: the task of a workflow may
     * be in any, whatever its id says.
     */
    static long endOfOne(RecordedLog log, int partition, Moment moment) {
        return moment instanceof Moment.LogOffset place && place.partition() != partition
                ? 0
                : end(log, partition, moment);
    }
}
