/**
 * Between the wire and the engine: records become commands and steps, outcomes and state become records and views. Nothing is
 * decided here, and nothing is looked up. The engine knows no wire, and the wire knows no engine.
 */
@NullMarked
package io.millrace.dispatcher.codec;

import org.jspecify.annotations.NullMarked;
