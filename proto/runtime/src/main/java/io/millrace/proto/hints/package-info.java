/**
 * The way of levels from dispatchers to notifiers: within the process at once, to others by a topic, the newest only. What a
 * level means is known to both ends and not here.
 */
package io.millrace.proto.hints;
