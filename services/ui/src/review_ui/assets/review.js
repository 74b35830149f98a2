/* What the review page does in the browser.
 *
 * Each function is a Dash callback; review/callbacks.py wires them to these stores:
 *   score-request        {seq, text}       written here, answered by the server
 *   score-answer         {seq, view, …}    written by the server, or here when it is silent
 *   shown                {seq, score, …}   what the visitor sees; `seq` only ever grows
 *   followed             the rating that the slider last got from here, not from the visitor
 *   rating-moved         whether the visitor took over the slider
 *   explanation-request  {seq, text}       and explanation-answer, as above
 *   submission           {key, attempt, …} the review as sent, and submission-answer
 */
(() => {
  const QUIET_MS = 250; // A pause in typing this long asks for a score.
  const ANNOUNCE_MS = 1200; // A score at rest this long is read out.
  const PATIENCE_MS = 15000; // The server answers sooner, even when others fail it.
  const MOST_CHARACTERS = 10000;
  const RATING_WORDS = ["", "Poor", "Fair", "Average", "Good", "Excellent"];

  const unchanged = () => window.dash_clientside.no_update;
  const unchangedAll = (count) => Array(count).fill(unchanged());
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const isBlank = (text) => !text || !text.trim();
  /* A text cut off within an emoji ends in half a character, which nobody can store. */
  const wellFormed = (text) => text?.toWellFormed?.() ?? text ?? "";

  /* A function that runs `action` once nobody has called it for `delay` ms. */
  const whenQuiet = (delay) => {
    let timer;
    return (action) => {
      clearTimeout(timer);
      timer = setTimeout(action, delay);
    };
  };
  const afterTyping = whenQuiet(QUIET_MS);
  const afterScore = whenQuiet(ANNOUNCE_MS);
  const ifSilent = {
    score: whenQuiet(PATIENCE_MS),
    explanation: whenQuiet(PATIENCE_MS),
    submission: whenQuiet(PATIENCE_MS),
  };

  const askScore = (last, text) => {
    const seq = last.seq + 1;
    setProps("score-request", { data: { seq, text: wellFormed(text) } });
    ifSilent.score(() => {
      const failure = "The score did not arrive. Your text is safe.";
      setProps("score-answer", { data: { seq, failure } });
    });
  };

  /* Made of random bytes: crypto.randomUUID is missing where there is no TLS. */
  const newKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");

  const isSameReview = (one, other) =>
    one && ["review", "rating", "brand"].every((field) => one[field] === other[field]);

  const isUnderWay = (submission, answer) =>
    Boolean(submission) && answer?.attempt !== submission.attempt;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    review: {
      typed(text, lastRequest) {
        const length = (text || "").length;
        afterTyping(() => {
          if (wellFormed(text) !== lastRequest.text) askScore(lastRequest, text);
        });
        const isFull = length >= MOST_CHARACTERS;
        const counter = `${length.toLocaleString("en")} / ${MOST_CHARACTERS.toLocaleString("en")}`;
        return [counter, isFull ? "counter counter-full" : "counter"];
      },

      retryScore(_clicks, text, lastRequest) {
        afterTyping(() => askScore(lastRequest, text));
      },

      acceptScore(answer, shown) {
        if (!answer || answer.seq <= shown.seq) return unchangedAll(4);
        ifSilent.score(() => {});
        const failed = Boolean(answer.failure);
        return [
          answer.view || unchanged(),
          failed ? { seq: answer.seq } : answer.shown,
          !failed,
          answer.failure || "",
        ];
      },

      showPending(request, shown) {
        const pending = request.seq > shown.seq ? " is-pending" : "";
        return ["panel-part" + pending, "explanation" + pending];
      },

      announce(shown) {
        afterScore(() => setProps("score-status", { children: shown.announcement || "" }));
      },

      followSuggestion(shown, moved) {
        return moved || !shown.rating ? unchangedAll(2) : [shown.rating, shown.rating];
      },

      noticeMove(rating, followed, moved) {
        return moved || Number(rating) !== followed;
      },

      describeRating(rating, moved, shown) {
        const words = `${rating} of 5 · ${RATING_WORDS[rating]}`;
        document.getElementById("rating")?.setAttribute("aria-valuetext", words);
        let note = "Follows the suggestion until you move it.";
        if (moved) note = shown.rating ? `Your choice. Suggested: ${shown.rating} of 5.` : "Your choice.";
        const mayReturn = moved && shown.rating && shown.rating !== Number(rating);
        return [words, `rated-${rating}`, note, !mayReturn];
      },

      useSuggestion(_clicks, shown) {
        setProps("rating-moved", { data: false });
        setProps("followed", { data: shown.rating });
        setProps("rating", { value: shown.rating });
        document.getElementById("rating").focus();
      },

      toggleWhy(_clicks, hidden) {
        return [!hidden, String(hidden)];
      },

      askExplanation(hidden, shown, _retries, lastRequest) {
        const isOff = hidden && shown.score === undefined;
        const isRetry = window.dash_clientside.callback_context.triggered_id === "explanation-retry";
        const isKnown = lastRequest.seq === shown.seq && !isRetry;
        if (hidden || isKnown) return [unchanged(), isOff];
        const request = { seq: shown.seq, text: shown.text || "" };
        ifSilent.explanation(() => {
          const failure = "The explanation did not arrive.";
          setProps("explanation-answer", { data: { seq: request.seq, failure } });
        });
        return [request, isOff];
      },

      acceptExplanation(answer, request) {
        if (!answer || answer.seq !== request.seq) return unchangedAll(3);
        ifSilent.explanation(() => {});
        return [answer.view || "", !answer.failure, answer.failure || ""];
      },

      submit(_clicks, text, rating, brand, shown, last) {
        const review = {
          review: wellFormed(text),
          rating: Number(rating),
          brand: brand.name,
          suggested_rating: shown.rating ?? null,
          sentiment_score: shown.score ?? null,
          shown_version: shown.model_version ?? null,
        };
        // What was submitted is a choice: a score that comes late must not change it.
        setProps("rating-moved", { data: true });
        // An attempt whose answer was lost is repeated word for word, under the same key.
        const attempt = (last?.attempt || 0) + 1;
        const submission = isSameReview(last, review)
          ? { ...last, attempt }
          : { ...review, key: newKey(), attempt };
        ifSilent.submission(() => {
          const failure = "No answer came. Your text is still here; please try again.";
          setProps("submission-answer", { data: { attempt, failure } });
        });
        return submission;
      },

      allowSubmit(text, brand, submission, answer) {
        if (isUnderWay(submission, answer)) return [true, "Sending…"];
        return [isBlank(text) || !brand, answer?.failure ? "Try again" : "Submit review"];
      },

      acceptSubmission(answer, submission) {
        if (isUnderWay(submission, answer)) return [false, true, "", true, ""];
        ifSilent.submission(() => {});
        if (answer.failure) return [false, true, "", false, answer.failure];
        setTimeout(() => document.getElementById("thanks-heading")?.focus());
        return [true, false, answer.view, true, ""];
      },
    },
  });
})();
