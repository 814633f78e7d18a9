/** What timers do again and again, whatever becomes of one time. */
package io.millrace.proto.timer;
