/**
 * What is done again and again on a thread of its own, and goes on whatever becomes of one time. What is done is known to those who
 * ask for it. Times that decide something stand in the log, and not here.
 */
package io.millrace.proto.timer;
