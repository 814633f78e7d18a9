/**
 * Decisions. Here is what they are made of: a draft, an answer or a refusal, and commands for others. Here too is what
 * several handlers decide in the same way: how a workflow ends, the steps of a submission, what finds its way into a
 * history, look-ups within one organisation, and refusals in the same words. Like a handler, what is here reads the
 * state and notes events in a draft. No class here carries out a command: that is what a handler does.
 */
@NullMarked
package io.millrace.dispatcher.engine.decide;

import org.jspecify.annotations.NullMarked;
