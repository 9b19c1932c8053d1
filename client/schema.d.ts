// Made by "npm run client" out of the OpenAPI document: change that, never this.
export interface paths {
    "/api/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's orders
         * @description Newest first, in pages that neither skip nor repeat an order while others are placed. A user who is unknown has no orders.
         *
         *     With authorisation on: for the user's own things, or with the scope `orders:any-user` for those of every user.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order
         * @description The order is accepted as NEW, and paid a moment later: then it is FINISHED. An unknown user or too little money is no error here; the order becomes CANCELLED, with a reason.
         *
         *     With authorisation on: for the user's own things, or with the scope `orders:any-user` for those of every user.
         */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an order
         * @description What became of it is in `status` and `reason`.
         *
         *     With authorisation on: for the user's own things, or with the scope `orders:any-user` for those of every user.
         */
        get: operations["showOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/orders/{orderId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch an order
         * @description Server-sent events, for an `EventSource`: the order as it is now, its change as soon as that is committed, and then the end. `data` is the order as JSON, `id` its version. Comments keep the connection alive. A stream that ends with the order NEW was ended by the node: come back with `Last-Event-ID`, as an `EventSource` does by itself.
         *
         *     With authorisation on: for the user's own things, or with the scope `orders:any-user` for those of every user.
         */
        get: operations["watchOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open an account
         * @description Every user has at most one. It begins with nothing in it.
         *
         *     With authorisation on: for the user's own things, or with the scope `payments:any-user` for those of every user.
         */
        post: operations["openAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments/accounts/deposit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deposit money
         * @description Into an account that was opened; none is ever opened by it.
         *
         *     With authorisation on: for the user's own things, or with the scope `payments:any-user` for those of every user; the scope `payments:deposit` is needed as well.
         */
        post: operations["deposit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments/accounts/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an account
         * @description The balance as it is now. `version` goes up by one with each entry of the ledger.
         *
         *     With authorisation on: for the user's own things, or with the scope `payments:any-user` for those of every user.
         */
        get: operations["showBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments/accounts/{userId}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an account's ledger
         * @description Newest first, in pages that neither skip nor repeat an entry while others are booked.
         *
         *     With authorisation on: for the user's own things, or with the scope `payments:any-user` for those of every user.
         */
        get: operations["listEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What there is at this door
         * @description Every address, for those who look around.
         */
        get: operations["showIndex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the process runs
         * @description For a supervisor: no answer means that a restart may help.
         */
        get: operations["checkLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the node can do its work
         * @description For a load balancer: 503 names each part that cannot, and why. That is no problem document.
         */
        get: operations["checkReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the node measures
         * @description In the text format of Prometheus.
         *
         *     For the operator: a token with the scope `operator`, or the operator's own.
         */
        get: operations["readMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every kind of problem
         * @description With a link to the page of each.
         */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a kind of problem means
         * @description The page that `type` of a problem leads to: what it means, what to do, and who answers it.
         */
        get: operations["showProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This description
         * @description OpenAPI 3.1, made from the definitions that requests are checked by.
         */
        get: operations["showOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/asyncapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The events and their topics
         * @description AsyncAPI 3.0, made from the schemas that events are checked by when they are written and when they are read.
         */
        get: operations["showAsyncApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This description, to look at and to try
         * @description Swagger UI, served by the door itself: it asks nobody else.
         */
        get: operations["showDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A file of the page
         * @description Scripts, styles and pictures of `/docs`.
         */
        get: operations["loadDocsFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** CreateOrderInput */
        CreateOrderInput: {
            /** @description The caller's own id of a user, as a string or a whole number; answers carry the string. */
            userId: string | number;
            /** @description Money: greater than 0, at most 9999999999999.99, with at most 2 fraction digits; a number, or a string of decimal digits. */
            amount: number | string;
            /** @description Free text, kept verbatim: at most 1000 characters (Unicode code points), no NUL, no half of a surrogate pair. Absent is null, and "" is kept. */
            description?: string | null;
        };
        /**
         * Order
         * @description An order, and what became of it.
         */
        Order: {
            /** @description A UUIDv7. */
            orderId: string;
            /** @description The caller's own id of the user. */
            userId: string;
            /** @description What is to be paid. */
            amount: number;
            /** @description The caller's own text, as it was given. */
            description: string | null;
            /**
             * @description NEW until payments has decided; FINISHED when it is paid, CANCELLED when it is not. Both are final.
             * @enum {string}
             */
            status: "NEW" | "FINISHED" | "CANCELLED";
            /** @description Why the order was cancelled; null for every other. */
            reason: ("no-account" | "insufficient-funds") | null;
            /**
             * Format: date-time
             * @description When the order was accepted.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When its status changed last.
             */
            updatedAt: string;
        };
        /**
         * Problem
         * @description What went wrong, and what to do (RFC 9457).
         */
        Problem: {
            /**
             * Format: uri-reference
             * @description The kind of problem: what to branch on, and the address of a page about it.
             */
            type: string;
            /** @description The kind in a few words; the same for every problem of it. */
            title: string;
            /** @description The answer's HTTP status. */
            status: number;
            /** @description What happened this time, and what to do. */
            detail: string;
            /** @description The path that was asked. */
            instance: string;
            /** @description The same as the header X-Request-ID: the log has more under it. */
            requestId: string;
            /** @description Every bad field of the input. */
            errors?: {
                /** @description JSON pointer into the body (`/amount`), or the name of a parameter of the path or query, or of a header. */
                pointer: string;
                /** @description What is wrong with it. */
                detail: string;
            }[];
        };
        /**
         * OrderPage
         * @description One page of the orders of a user.
         */
        OrderPage: {
            /** @description Newest first. */
            items: components["schemas"]["Order"][];
            /** @description Continues the list; null on the last page. */
            nextCursor: string | null;
        };
        /**
         * StatusEvent
         * @description The order as it is now.
         */
        StatusEvent: {
            /** @description The order's version: what `Last-Event-ID` sends back. */
            id: string;
            /** @constant */
            event: "status";
            data: string;
        };
        /** OpenAccountInput */
        OpenAccountInput: {
            /** @description The caller's own id of a user, as a string or a whole number; answers carry the string. */
            userId: string | number;
        };
        /**
         * Account
         * @description A user's account as it is now.
         */
        Account: {
            /** @description The caller's own id of the user. */
            userId: string;
            /** @description What is in the account. */
            balance: number;
            /** @description 0 when opened, one more with each ledger entry. */
            version: number;
            /**
             * Format: date-time
             * @description When the account was opened.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When its balance changed last.
             */
            updatedAt: string;
        };
        /** DepositInput */
        DepositInput: {
            /** @description The caller's own id of a user, as a string or a whole number; answers carry the string. */
            userId: string | number;
            /** @description Money: greater than 0, at most 9999999999999.99, with at most 2 fraction digits; a number, or a string of decimal digits. */
            amount: number | string;
        };
        /**
         * LedgerEntry
         * @description One line of the ledger: what moved in an account, and the balance after it.
         */
        LedgerEntry: {
            /** @description A UUIDv7. */
            entryId: string;
            /** @description The caller's own id of the user. */
            userId: string;
            /** @enum {string} */
            kind: "deposit" | "payment";
            /** @description What moved: negative for a payment. */
            amount: number;
            /** @description The balance after it. */
            balanceAfter: number;
            /** @description The account's version after it. */
            version: number;
            /** @description The order that was paid; null for a deposit. */
            orderId: string | null;
            /**
             * Format: date-time
             * @description When it was booked.
             */
            createdAt: string;
        };
        /**
         * LedgerEntryPage
         * @description One page of the ledger of an account.
         */
        LedgerEntryPage: {
            /** @description Newest first. */
            items: components["schemas"]["LedgerEntry"][];
            /** @description Continues the list; null on the last page. */
            nextCursor: string | null;
        };
    };
    responses: never;
    parameters: {
        /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
        "X-Request-ID": string;
        /** @description Sent again with the same key and the same values, a request has no second effect and gets the first answer. 1 to 255 printable ASCII characters, bare or quoted. */
        "Idempotency-Key": string;
        /** @description The `ETag` of an earlier answer: one that still holds is answered 304, without a body. */
        "If-None-Match": string;
        /** @description The `id` of the last event of an earlier stream: what was told is not told again. */
        "Last-Event-ID": string;
    };
    requestBodies: never;
    headers: {
        /** @description The request's own id, or a fresh one: the log has more under it. */
        "X-Request-ID": string;
        /** @description What caches may do with it. */
        "Cache-Control": string;
        /** @description Where to read what was created. */
        Location: string;
        /** @description Names this state of the answer, for `If-None-Match`. */
        ETag: string;
        /** @description With `true`, nothing was done this time: it is the first answer under this key. */
        "Idempotency-Replayed": "true";
        /** @description Seconds after which trying again makes sense. */
        "Retry-After": number;
        /** @description The methods that the address takes. */
        Allow: string;
        /** @description What is asked for, and what was wrong (RFC 6750). */
        "WWW-Authenticate": string;
        /** @description The media type that is taken. */
        "Accept-Post": string;
        /** @description The content encodings that are taken. */
        "Accept-Encoding": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listOrders: {
        parameters: {
            query: {
                /** @description The caller's own id of a user: 1 to 64 characters, of letters, digits and . _ : @ - only, the first a letter or digit; not "deposit". */
                userId: string;
                /** @description How many items a page has at most: 1 to 200, and 50 if not given. */
                limit?: number;
                /** @description Only orders of this status; all of them, if not given. */
                status?: "NEW" | "FINISHED" | "CANCELLED";
                /** @description The nextCursor of an earlier page of the same list, unchanged; the list begins at the newest, if not given. */
                cursor?: string;
            };
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of the orders of a user. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderPage"];
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no such user for this token: [user-not-found](/problems/user-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/user-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The input is not valid: [invalid-input](/problems/invalid-input). */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/invalid-input";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    createOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description Sent again with the same key and the same values, a request has no second effect and gets the first answer. 1 to 255 printable ASCII characters, bare or quoted. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateOrderInput"];
            };
        };
        responses: {
            /** @description An order, and what became of it. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    /**
                     * @description Where to read what was created.
                     * @example /api/orders/0193b5a0-7c1e-7a2b-8c3d-4e5f60718293
                     */
                    Location: string;
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /**
             * @description The body is not well-formed JSON: [malformed-json](/problems/malformed-json).
             *     The request cannot be read: [malformed-request](/problems/malformed-request).
             */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/malformed-json" | "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no such user for this token: [user-not-found](/problems/user-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/user-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description A request with this idempotency key is still running: [idempotency-key-in-use](/problems/idempotency-key-in-use). */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/idempotency-key-in-use";
                        /** @constant */
                        status: 409;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The body is too large: [content-too-large](/problems/content-too-large). */
            413: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/content-too-large";
                        /** @constant */
                        status: 413;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Bodies are JSON only: [unsupported-media-type](/problems/unsupported-media-type). */
            415: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Accept-Post": components["headers"]["Accept-Post"];
                    "Accept-Encoding": components["headers"]["Accept-Encoding"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unsupported-media-type";
                        /** @constant */
                        status: 415;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /**
             * @description The input is not valid: [invalid-input](/problems/invalid-input).
             *     The idempotency key belongs to another request: [idempotency-key-reused](/problems/idempotency-key-reused).
             */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/invalid-input" | "/problems/idempotency-key-reused";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The outcome is not known: [outcome-unknown](/problems/outcome-unknown). */
            504: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/outcome-unknown";
                        /** @constant */
                        status: 504;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description The `ETag` of an earlier answer: one that still holds is answered 304, without a body. */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            path: {
                /** @description The orderId that the answer to creating the order gave; upper and lower case are the same. */
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An order, and what became of it. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description What `If-None-Match` names still holds. */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description The request cannot be read: [malformed-request](/problems/malformed-request).
             *     The order id is not a UUID: [malformed-order-id](/problems/malformed-order-id).
             */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/malformed-request" | "/problems/malformed-order-id";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The order does not exist: [order-not-found](/problems/order-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/order-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The input is not valid: [invalid-input](/problems/invalid-input). */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/invalid-input";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    watchOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description The `id` of the last event of an earlier stream: what was told is not told again. */
                "Last-Event-ID"?: components["parameters"]["Last-Event-ID"];
            };
            path: {
                /** @description The orderId that the answer to creating the order gave; upper and lower case are the same. */
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description Events of the type `status`, each like this:
             *
             *     ```
             *     id: 1
             *     event: status
             *     data: {"orderId":"0193b5a0-7c1e-7a2b-8c3d-4e5f60718293","userId":"alice","amount":40.05,"description":"tea","status":"NEW","reason":null,"createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z"}
             *     ```
             */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "2",
                     *       "event": "status",
                     *       "data": "{\"orderId\":\"0193b5a0-7c1e-7a2b-8c3d-4e5f60718293\",\"userId\":\"alice\",\"amount\":40.05,\"description\":\"tea\",\"status\":\"FINISHED\",\"reason\":null,\"createdAt\":\"2026-01-02T03:04:05.678Z\",\"updatedAt\":\"2026-01-02T03:04:05.745Z\"}"
                     *     }
                     */
                    "text/event-stream": components["schemas"]["StatusEvent"];
                };
            };
            /** @description What `Last-Event-ID` names was the last change: there will be no other, and an `EventSource` stays away. */
            204: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description The request cannot be read: [malformed-request](/problems/malformed-request).
             *     The order id is not a UUID: [malformed-order-id](/problems/malformed-order-id).
             */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/malformed-request" | "/problems/malformed-order-id";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The order does not exist: [order-not-found](/problems/order-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/order-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The input is not valid: [invalid-input](/problems/invalid-input). */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/invalid-input";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    openAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description Sent again with the same key and the same values, a request has no second effect and gets the first answer. 1 to 255 printable ASCII characters, bare or quoted. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenAccountInput"];
            };
        };
        responses: {
            /** @description A user's account as it is now. */
            201: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    /**
                     * @description Where to read what was created.
                     * @example /api/payments/accounts/alice
                     */
                    Location: string;
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /**
             * @description The body is not well-formed JSON: [malformed-json](/problems/malformed-json).
             *     The request cannot be read: [malformed-request](/problems/malformed-request).
             */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/malformed-json" | "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no such user for this token: [user-not-found](/problems/user-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/user-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /**
             * @description The account exists already: [account-exists](/problems/account-exists).
             *     A request with this idempotency key is still running: [idempotency-key-in-use](/problems/idempotency-key-in-use).
             */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    /** @description Seconds after which trying again makes sense. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/account-exists" | "/problems/idempotency-key-in-use";
                        /** @constant */
                        status: 409;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The body is too large: [content-too-large](/problems/content-too-large). */
            413: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/content-too-large";
                        /** @constant */
                        status: 413;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Bodies are JSON only: [unsupported-media-type](/problems/unsupported-media-type). */
            415: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Accept-Post": components["headers"]["Accept-Post"];
                    "Accept-Encoding": components["headers"]["Accept-Encoding"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unsupported-media-type";
                        /** @constant */
                        status: 415;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /**
             * @description The input is not valid: [invalid-input](/problems/invalid-input).
             *     The idempotency key belongs to another request: [idempotency-key-reused](/problems/idempotency-key-reused).
             */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/invalid-input" | "/problems/idempotency-key-reused";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The outcome is not known: [outcome-unknown](/problems/outcome-unknown). */
            504: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/outcome-unknown";
                        /** @constant */
                        status: 504;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    deposit: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description Sent again with the same key and the same values, a request has no second effect and gets the first answer. 1 to 255 printable ASCII characters, bare or quoted. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DepositInput"];
            };
        };
        responses: {
            /** @description A user's account as it is now. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /**
             * @description The body is not well-formed JSON: [malformed-json](/problems/malformed-json).
             *     The request cannot be read: [malformed-request](/problems/malformed-request).
             */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/malformed-json" | "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The account does not exist: [account-not-found](/problems/account-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/account-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description A request with this idempotency key is still running: [idempotency-key-in-use](/problems/idempotency-key-in-use). */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/idempotency-key-in-use";
                        /** @constant */
                        status: 409;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The body is too large: [content-too-large](/problems/content-too-large). */
            413: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/content-too-large";
                        /** @constant */
                        status: 413;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Bodies are JSON only: [unsupported-media-type](/problems/unsupported-media-type). */
            415: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Accept-Post": components["headers"]["Accept-Post"];
                    "Accept-Encoding": components["headers"]["Accept-Encoding"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unsupported-media-type";
                        /** @constant */
                        status: 415;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /**
             * @description The input is not valid: [invalid-input](/problems/invalid-input).
             *     The idempotency key belongs to another request: [idempotency-key-reused](/problems/idempotency-key-reused).
             *     The balance would pass its limit: [balance-limit](/problems/balance-limit).
             */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @enum {unknown} */
                        type: "/problems/invalid-input" | "/problems/idempotency-key-reused" | "/problems/balance-limit";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The outcome is not known: [outcome-unknown](/problems/outcome-unknown). */
            504: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/outcome-unknown";
                        /** @constant */
                        status: 504;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showBalance: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description The `ETag` of an earlier answer: one that still holds is answered 304, without a body. */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            path: {
                /** @description The caller's own id of a user: 1 to 64 characters, of letters, digits and . _ : @ - only, the first a letter or digit; not "deposit". */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A user's account as it is now. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description What `If-None-Match` names still holds. */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The account does not exist: [account-not-found](/problems/account-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/account-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description This address does not take this method: [method-not-allowed](/problems/method-not-allowed). */
            405: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/method-not-allowed";
                        /** @constant */
                        status: 405;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The input is not valid: [invalid-input](/problems/invalid-input). */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/invalid-input";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    listEntries: {
        parameters: {
            query?: {
                /** @description How many items a page has at most: 1 to 200, and 50 if not given. */
                limit?: number;
                /** @description The nextCursor of an earlier page of the same list, unchanged; the list begins at the newest, if not given. */
                cursor?: string;
            };
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The caller's own id of a user: 1 to 64 characters, of letters, digits and . _ : @ - only, the first a letter or digit; not "deposit". */
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of the ledger of an account. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerEntryPage"];
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The account does not exist: [account-not-found](/problems/account-not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/account-not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is no answer of a kind that you accept: [not-acceptable](/problems/not-acceptable). */
            406: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-acceptable";
                        /** @constant */
                        status: 406;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The input is not valid: [invalid-input](/problems/invalid-input). */
            422: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/invalid-input";
                        /** @constant */
                        status: 422;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showIndex: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The addresses. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        calls: string[];
                        health: string[];
                        metrics: string;
                        documentation: string[];
                        problems: string[];
                    };
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    checkLive: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It runs. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "live";
                    };
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    checkReady: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ready";
                    };
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description It cannot. */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "unready",
                     *       "parts": [
                     *         {
                     *           "part": "orders.http",
                     *           "detail": "this door is starting"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "unready";
                        parts: {
                            part: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    readMetrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request needs a token that is valid: [unauthorized](/problems/unauthorized). */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/unauthorized";
                        /** @constant */
                        status: 401;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The token does not allow this: [forbidden](/problems/forbidden). */
            403: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/forbidden";
                        /** @constant */
                        status: 403;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The service is not available right now: [service-unavailable](/problems/service-unavailable). */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/service-unavailable";
                        /** @constant */
                        status: 503;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    listProblems: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showProblem: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The last part of the `type`. */
                type: "malformed-json" | "malformed-request" | "malformed-order-id" | "unauthorized" | "forbidden" | "not-found" | "order-not-found" | "account-not-found" | "user-not-found" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "account-exists" | "idempotency-key-in-use" | "content-too-large" | "unsupported-media-type" | "invalid-input" | "idempotency-key-reused" | "balance-limit" | "rate-limited" | "headers-too-large" | "internal-error" | "service-unavailable" | "outcome-unknown";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is nothing at this address: [not-found](/problems/not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showOpenApi: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description The `ETag` of an earlier answer: one that still holds is answered 304, without a body. */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description What `If-None-Match` names still holds. */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showAsyncApi: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
                /** @description The `ETag` of an earlier answer: one that still holds is answered 304, without a body. */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description What `If-None-Match` names still holds. */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    showDocs: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
    loadDocsFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own id of this request, for logs and the answer; one that is no short plain text is replaced. */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description Its name. */
                file: "swagger-ui.css" | "swagger-ui-bundle.js" | "favicon-32x32.png" | "start.js";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                    "text/javascript": string;
                    "image/png": string;
                };
            };
            /** @description The request cannot be read: [malformed-request](/problems/malformed-request). */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/malformed-request";
                        /** @constant */
                        status: 400;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description There is nothing at this address: [not-found](/problems/not-found). */
            404: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/not-found";
                        /** @constant */
                        status: 404;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The request came too slowly: [request-timeout](/problems/request-timeout). */
            408: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/request-timeout";
                        /** @constant */
                        status: 408;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Too many requests: [rate-limited](/problems/rate-limited). */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/rate-limited";
                        /** @constant */
                        status: 429;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description The headers are too large: [headers-too-large](/problems/headers-too-large). */
            431: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/headers-too-large";
                        /** @constant */
                        status: 431;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
            /** @description Something went wrong on our side: [internal-error](/problems/internal-error). */
            500: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @constant */
                        type: "/problems/internal-error";
                        /** @constant */
                        status: 500;
                    } & WithRequired<components["schemas"]["Problem"], "type" | "status">;
                };
            };
        };
    };
}
type WithRequired<T, K extends keyof T> = T & {
    [P in K]-?: T[P];
};
