/**
 * When schedules are due: cron expressions, time zones, intervals, jitter. It is computed outside of the engine, which only takes
 * times, since calendars and time zones differ from one Java to the next. Nothing here knows of commands or of Kafka.
 */
@NullMarked
package io.millrace.proto.schedule;

import org.jspecify.annotations.NullMarked;
