/** The cookie by which a browser that has signed in shows who sends its requests. Holds an API key, `trellis_ID_SECRET`. */
export const sessionCookie = "trellis_session";
