/**
 * How long something took, on a machine whose time of day may be set and which may sleep. What happened when is told by the time of
 * day, and what decides something stands in the log.
 */
@NullMarked
package io.millrace.proto.time;

import org.jspecify.annotations.NullMarked;
