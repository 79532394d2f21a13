// Written by `npm run api-types` from the server's own /openapi.json.

export interface paths {
    "/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List accounts, the newest first */
        get: operations["listAccounts"];
        put?: never;
        /** Make an account */
        post: operations["createAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an account */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        /** Delete an account that has no channels and endpoints; its keys are revoked */
        delete: operations["deleteAccount"];
        options?: never;
        head?: never;
        /** Change an account */
        patch: operations["updateAccount"];
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List keys, the newest first, with those that no longer work */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make a key
         * @description A key can be given no scope, and no account, that the one who makes it lacks.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a key */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /** Revoke a key: it stops working at once */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replace a key by a second one; the first expires after the overlap */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who changed what, the newest first */
        get: operations["listAuditLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catchers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List catchers, the newest first */
        get: operations["listCatchers"];
        put?: never;
        /** Make a receiver inside Curlew, at which webhooks can be looked at */
        post: operations["createCatcher"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catchers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a catcher */
        get: operations["getCatcher"];
        put?: never;
        post?: never;
        /** Delete a catcher with everything that it has caught */
        delete: operations["deleteCatcher"];
        options?: never;
        head?: never;
        /** Change what a catcher answers */
        patch: operations["updateCatcher"];
        trace?: never;
    };
    "/v1/catchers/{id}/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what a catcher has caught, the newest first, without bodies */
        get: operations["listCaughtRequests"];
        put?: never;
        post?: never;
        /** Forget what a catcher has caught */
        delete: operations["clearCaughtRequests"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catchers/{id}/requests/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a caught request with its body */
        get: operations["getCaughtRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List channels, the newest first */
        get: operations["listChannels"];
        put?: never;
        /** Connect a channel */
        post: operations["createChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a channel */
        get: operations["getChannel"];
        put?: never;
        post?: never;
        /** Disconnect a channel; its conversations stay */
        delete: operations["deleteChannel"];
        options?: never;
        head?: never;
        /** Change a channel. New credentials set one that was paused going again */
        patch: operations["updateChannel"];
        trace?: never;
    };
    "/v1/channels/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the provider what usually goes wrong with a channel
         * @description The credentials, what they permit, whether webhooks are subscribed to and which, and for WhatsApp the number's quality. Nothing is changed.
         */
        post: operations["checkChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{id}/file-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What files a channel takes, the type that shows one best first */
        get: operations["listFileLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/connect/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect a Page that somebody has given leave for, and its Instagram account
         * @description Exchanges the person's token for one of the Page, which does not end by itself, and subscribes the app to it. What is connected here already gets the new token.
         */
        post: operations["connectPage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/connect/whatsapp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect a WhatsApp number that has gone through Embedded Signup
         * @description Exchanges the code for the business' token, subscribes the app to its account and, with a `pin`, registers the number. A number that is connected here already gets the new token.
         */
        post: operations["connectWhatsapp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List contacts, the newest first */
        get: operations["listContacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/contacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a contact */
        get: operations["getContact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List conversations, the newest first, or those where something happened last */
        get: operations["listConversations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a conversation */
        get: operations["getConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a conversation's messages, the newest first */
        get: operations["listConversationMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deliveries whose schedule is spent, those of the newest events first */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/causes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why dead letters died, the most frequent cause first */
        get: operations["countDeadLetterCauses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replay dead letters: all, or those of an endpoint, of types, of a time, or some by id */
        post: operations["replayDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deliveries, those of the newest events first */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a delivery with its requests and what came back */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replay a delivery: one that waits is due now, one that has ended starts a new round */
        post: operations["replayDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare a delivery's body with what another dialect would send; nothing is sent */
        get: operations["getDeliveryShadow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All deliveries that match, as one file
         * @description Those of the newest events first. It is read as fast as it is taken.
         */
        get: operations["exportDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dialects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How endpoints can be spoken to */
        get: operations["listDialects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dialects/{name}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The request that an endpoint would get, with a sample event; nothing is sent */
        get: operations["previewRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what is wrong with the signature of a webhook
         * @description For a receiver that refuses what it should accept: give what it saw. Nothing of it is kept or logged.
         */
        post: operations["diagnoseSignature"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List endpoints, the newest first */
        get: operations["listEndpoints"];
        put?: never;
        /** Subscribe a URL to events */
        post: operations["createEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an endpoint */
        get: operations["getEndpoint"];
        put?: never;
        post?: never;
        /** Delete an endpoint; its delivery log stays */
        delete: operations["deleteEndpoint"];
        options?: never;
        head?: never;
        /** Change an endpoint; its dialect never changes */
        patch: operations["updateEndpoint"];
        trace?: never;
    };
    "/v1/endpoints/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop: nothing new is collected */
        post: operations["disableEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find out whether an endpoint checks signatures: a right sample, then forged and stale ones */
        post: operations["examineEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Collect and deliver events again, from now on; what has to be verified is verified first */
        post: operations["enableEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How an endpoint fares: breaker, queue, requests by hour, last failure */
        get: operations["getEndpointHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold deliveries back; events are kept for later */
        post: operations["pauseEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/public-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys that verify an endpoint's Ed25519 signatures (v1a)
         * @description One of each secret that counts. Requests carry such signatures when `dialect_options` of a native endpoint says `ed25519`.
         */
        get: operations["listEndpointPublicKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replay what an endpoint was sent since a time, or give it what it misses */
        post: operations["replayEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver again, what was held back first */
        post: operations["resumeEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/reveal-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show an endpoint's signing secret again, where its dialect promises that
         * @description ChatGenius' and Chatmefy's consumers can look theirs up at any time. Every other secret is shown once.
         */
        post: operations["revealEndpointSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace an endpoint's signing secret, at once or step by step
         * @description Answers when every process goes by it: after `retire` nothing is signed with an older secret any more.
         */
        post: operations["rotateEndpointSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a sample event to an endpoint, whatever state it is in, and to no other
         * @description It is made and sent now, once, with `webhook-test: 1`, and does not stand in the delivery log.
         */
        post: operations["testEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endpoints/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have an endpoint send a token back
         * @description Where the dialect asks for it, an endpoint that fails is disabled, and one that was waiting for it is enabled. In the native dialect it changes nothing but `verified_at`.
         */
        post: operations["verifyEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/event-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every event type that Curlew knows, and those that the workspace has described */
        get: operations["listEventTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/event-types/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an event type with its schema and an example, in any dialect */
        get: operations["getEventType"];
        /** Describe a type of your own; events of it are checked against its schema */
        put: operations["putEventType"];
        post?: never;
        /** Forget what is said of a type of your own; its events stay */
        delete: operations["deleteEventType"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List events, the newest first
         * @description With `after`, the oldest first and with their bodies, so that the log can be pulled in order and without gaps: `next_cursor`, which is always there, is the next `after`. A page may be empty while `has_more` is true.
         */
        get: operations["listEvents"];
        put?: never;
        /** Publish an event of your own, or many: all of them or none */
        post: operations["publishEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an event with its body and where it went */
        get: operations["getEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/expunge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Expunge an event's body now, wherever it is kept; the log of it stays
         * @description What waits to be delivered is cancelled. Once expunged it stays so: to ask again changes nothing. `conflict` while a request with it is being made: come back after `Retry-After`.
         */
        post: operations["expungeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where an event went, and why not to the other endpoints */
        get: operations["explainEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the instance stands, the worst first, with what to do */
        get: operations["readHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List invitations that nobody has taken yet */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Invite somebody; the link is shown once, and sending it is yours
         * @description A role is offered, given and taken away by who may do all that it opens.
         */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw an invitation */
        delete: operations["withdrawInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a job has come */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a job; what it has done stays done */
        post: operations["stopJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of everything that was to be delivered, by day and endpoint */
        get: operations["readLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom this request acts for, and what it may do */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring a file, to send it
         * @description The body is the file itself. Its id goes into `media.id` of `POST /v1/send`; the provider fetches the file from Curlew. What no message takes along within a day is removed.
         */
        post: operations["uploadMedia"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a file back that no message has taken along */
        delete: operations["deleteMedia"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who may act for the workspace */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take somebody out of the workspace */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /** Give a member another role */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List messages of all conversations, the newest first
         * @description A page may be short, or empty, while `has_more` is true.
         */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a message */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back a message that has not left yet
         * @description A message that waits for its hour (`send_at`), its turn or its channel fails with the error `cancelled` and is never handed to the provider; nothing stands in for it. One that has left, or may have, is 409.
         */
        post: operations["cancelMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the plans that workspaces can have */
        get: operations["listPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Make a plan, or change what it opens */
        put: operations["putPlan"];
        post?: never;
        /** Delete a plan that no workspace has */
        delete: operations["deletePlan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether attempts begin when they are due */
        get: operations["readQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message to a customer, at most once
         * @description Waits up to 10 seconds for the provider. 200: the provider has it, or what was asked for is done. 202: it waits (`queued`), or whether the provider has it is not known yet (`sending`); events and `GET /v1/messages/{id}` tell. 422 `provider_refused`: the provider said no, in its own words.
         */
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ledger over time, with failed requests and latency, for charts */
        get: operations["readSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which server this is: its version, its database, its processes */
        get: operations["getServer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What holds where no channel says otherwise */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change what the workspace says */
        patch: operations["updateSettings"];
        trace?: never;
    };
    "/v1/simulator": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the simulator may run here, and the channels that it plays */
        get: operations["getSimulator"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/simulator/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Connect a channel whose provider is the simulator */
        post: operations["createSimulatedChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/simulator/channels/{id}/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do what a customer does: the provider's signed webhook follows */
        post: operations["actAsCustomer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/simulator/channels/{id}/thread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a customer's phone shows, the oldest first
         * @description What was sent to the customer stands here as it arrived at the simulated provider.
         */
        get: operations["readPhone"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/simulator/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say what goes wrong from now on, with every simulated channel of this server */
        put: operations["setSimulatorFaults"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the log live, as server-sent events
         * @description Each event has its id, its type as `event` and its native body as `data`. `Last-Event-ID`, or `after`, goes on where a stream ended; without either it begins now. Every 15 seconds a comment and the position are sent.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the WhatsApp templates of your business accounts, by name
         * @description Synced from Meta every few hours, when Meta tells of a change, and with `refresh=true` at once. An account that Meta refuses keeps what was known of it.
         */
        get: operations["listTemplates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/unroutable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what providers sent and nobody could place, the newest first */
        get: operations["listUnroutable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the workspace's plan has, and how much of it is used */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List workspaces, the newest first */
        get: operations["listWorkspaces"];
        put?: never;
        /** Make a workspace */
        post: operations["createWorkspace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workspaces/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a workspace */
        get: operations["getWorkspace"];
        put?: never;
        post?: never;
        /** Delete a workspace and everything in it; a job says how far it has come */
        delete: operations["deleteWorkspace"];
        options?: never;
        head?: never;
        /** Change a workspace's name, plan, add-ons or trial */
        patch: operations["updateWorkspace"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            external_id: string | null;
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            id: string;
            name: string;
            serial: number;
            settings: components["schemas"]["OwnSettings"];
        };
        ApiKey: {
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            account_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            expires_at: string | null;
            /** @example key_01h455vb4pex5vsknk084sn02q */
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            last_used_at: string | null;
            last4: string;
            name: string;
            /** @example curlew_live_8fK2mQx0aZ4b */
            prefix: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            revoked_at: string | null;
            /** @example key_01h455vb4pex5vsknk084sn02q */
            rotated_from: string | null;
            scopes: string[];
        };
        Attempt: {
            connect_ms: number | null;
            detail: string | null;
            /** @description Null, as the next two, where a connection that was open served */
            dns_ms: number | null;
            /** @description What went wrong where nothing answered */
            error: string | null;
            first_byte_ms: number | null;
            /** @description From its beginning to the end of the answer */
            ms: number;
            n: number;
            process: number;
            /** @description What the request signed with the newest secret was answered, where it was sent again signed with an older one */
            resent_after: number | null;
            /** @description The beginning of the answer's body */
            response: string | null;
            round: number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            sent_at: string;
            /**
             * @description The secret that the receiver was sent, or took, a signature of
             * @example sec_01h455vb4pex5vsknk084sn02q
             */
            signed_by: string | null;
            /** @description It took longer than its dialect finds healthy */
            slow: boolean;
            status: number | null;
            tls_ms: number | null;
        };
        AuditEntry: {
            actor: {
                id: string | null;
                /** @enum {string} */
                kind: "admin" | "key" | "member";
                name: string | null;
            };
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            at: string;
            /** @example aud_01h455vb4pex5vsknk084sn02q */
            id: string;
            ip: string | null;
            /** @example PATCH /v1/endpoints/:id */
            operation: string;
            path: string;
            request_id: string;
        };
        Catcher: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /** @description How long that takes */
            delay_ms: number;
            /** @example cat_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @description How many requests it remembers */
            keep: number;
            name: string;
            /** @description What it answers */
            status: number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            updated_at: string;
            /**
             * @description For an endpoint: the address guard lets webhooks go there
             * @example http://127.0.0.1:8400/catch/cat_01h455vb4pex5vsknk084sn02q
             */
            url: string;
        };
        CaughtRequest: {
            answered: number;
            body_bytes: number;
            /** @example dlv_01h455vb4pex5vsknk084sn02q */
            delivery_id: string | null;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string | null;
            /** @description What `webhook-id` names */
            event_id: string | null;
            /** @description What `webhook-event` says */
            event_type: string | null;
            /** @description As they came */
            headers: [
                string,
                string
            ][];
            /** @example req_01h455vb4pex5vsknk084sn02q */
            id: string;
            method: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            received_at: string;
            /** @description What the signature was worth when it came, by the secrets of the endpoint that sends here; null where none does */
            signature: {
                accepted: boolean;
                /** @enum {string} */
                dialect: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
                expected: string | null;
                findings: {
                    advice: string;
                    code: string;
                    detail: string;
                }[];
            } | null;
        };
        Channel: {
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            account_id: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            external_id: string;
            has_access_token: boolean;
            has_account_sid: boolean;
            has_app_secret: boolean;
            has_auth_token: boolean;
            /** @example ch_01h455vb4pex5vsknk084sn02q */
            id: string;
            is_default: boolean;
            /** @enum {string} */
            kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin";
            /** @enum {string|null} */
            login: "facebook" | "instagram" | null;
            messaging_service_sid: string | null;
            name: string;
            serial: number;
            settings: components["schemas"]["OwnSettings"];
            /** @description Its provider is the built-in simulator */
            simulated: boolean;
            /** @enum {string} */
            state: "connected" | "paused" | "degraded";
            state_reason: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            updated_at: string;
            waba_id: string | null;
        };
        ChannelCheck: {
            checks: {
                advice: string | null;
                /** @example token */
                check: string;
                detail: string;
                /** @enum {string} */
                state: "ok" | "warning" | "failed" | "unknown";
            }[];
            /** @description Nothing has failed */
            ok: boolean;
        };
        Contact: {
            custom_fields: {
                [key: string]: unknown;
            };
            /** @example con_01h455vb4pex5vsknk084sn02q */
            id: string;
            identities: {
                /** @example whatsapp */
                channel: string;
                id: string;
                /** @example wa_id */
                kind: string;
                username: string | null;
            }[];
            name: string | null;
            serial: number;
        };
        Conversation: {
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            account_id: string | null;
            /**
             * @description What keeps every message back: a window does not count, and a pause ends
             * @enum {string|null}
             */
            blocked_by: "channel_deleted" | "opted_out" | null;
            channel: {
                external_id: string;
                /** @example ch_01h455vb4pex5vsknk084sn02q */
                id: string;
                /** @enum {string} */
                kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin";
                name: string;
                serial: number;
            };
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            closed_at: string | null;
            contact: components["schemas"]["Contact"];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /** @example cnv_01h455vb4pex5vsknk084sn02q */
            id: string;
            /**
             * Format: date-time
             * @description When its last event happened
             * @example 2026-11-21T10:00:00.123Z
             */
            last_activity_at: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            last_inbound_at: string | null;
            /** @description Null while nothing was said, and for who has no scope messages:read */
            last_message: components["schemas"]["Message"] | null;
            /** @description The number of its last event */
            seq: number;
            serial: number;
            /** @enum {string} */
            status: "open" | "escalated" | "closed";
            ticket_ref: string | null;
            window: {
                /**
                 * Format: date-time
                 * @description Until when free text may be sent; null when the customer has not written
                 * @example 2026-11-21T10:00:00.123Z
                 */
                free_form_until: string | null;
                /**
                 * Format: date-time
                 * @description Until when a person may answer, where people are given longer
                 * @example 2026-11-21T10:00:00.123Z
                 */
                human_agent_until: string | null;
            };
        };
        /** @description One of `text`, `image`, `reaction`, `story_reply`, `ad_click` */
        CustomerAct: {
            ad_click?: {
                headline?: string;
                text: string;
            };
            /** @description Who does it; one and the same test customer when absent */
            customer?: {
                id?: string;
                name?: string;
            };
            image?: {
                caption?: string;
            };
            /** @description To the message with this id of the provider's; null takes it back */
            reaction?: {
                emoji: string | null;
                message_id: string;
            };
            story_reply?: {
                text: string;
            };
            text?: string;
        };
        DeadLetterCauses: {
            data: {
                count: number;
                /**
                 * @description Where `by` asks for them apart
                 * @example ep_01h455vb4pex5vsknk084sn02q
                 */
                endpoint_id: string | null;
                /** @description How many endpoints it struck */
                endpoints: number;
                error: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                last_at: string;
                reason: string | null;
                /** @description What its last request was answered; null where nothing answered */
                status: number | null;
            }[];
            /** @description False where there are more than the newest 20,000 that were looked at */
            is_exact: boolean;
        };
        DeadLetterReplay: {
            /**
             * @description Count, and do nothing
             * @default false
             */
            dry_run: boolean;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id?: string;
            ids?: string[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00Z
             */
            since?: string;
            /**
             * @description Types, and prefixes like `order.*`
             * @example [
             *       "message.received"
             *     ]
             */
            types?: string[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00Z
             */
            until?: string;
        };
        Delivery: {
            /** @description How many requests were made */
            attempts: number;
            /** @description The event's body is gone: it is not replayed */
            body_expunged: boolean;
            /**
             * Format: date-time
             * @description When the event was accepted
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string;
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            event_id: string;
            event_type: string;
            /** @description The channel and the person; null where it is about neither */
            from: {
                /** @example ch_01h455vb4pex5vsknk084sn02q */
                channel_id: string | null;
                /** @enum {string|null} */
                channel_kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin" | null;
                /** @description The contact's, where it has one */
                name: string | null;
            } | null;
            /** @example dlv_01h455vb4pex5vsknk084sn02q_17 */
            id: string;
            /** @description It was given up where order is kept, and the events behind it went on */
            is_gap: boolean;
            /** @description It waits for an earlier event of its conversation */
            is_held: boolean;
            /** @description What waits or is under way is a replay */
            is_replay: boolean;
            /**
             * Format: date-time
             * @description When the last request ended
             * @example 2026-11-21T10:00:00.123Z
             */
            last_at: string | null;
            last_error: string | null;
            /** @description How long it took */
            last_ms: number | null;
            last_status: number | null;
            /**
             * Format: date-time
             * @description When it is tried again; null while it is under way and when it has ended
             * @example 2026-11-21T10:00:00.123Z
             */
            next_attempt_at: string | null;
            /** @description Why it is dead or cancelled */
            reason: string | null;
            /** @description 1, and one more with each replay */
            round: number;
            /** @enum {string} */
            state: "pending" | "delivered" | "dead" | "cancelled";
        };
        DeliveryDetail: {
            attempt_count: number;
            attempts: components["schemas"]["Attempt"][];
            /** @description The event's body is gone: it is not replayed */
            body_expunged: boolean;
            /**
             * Format: date-time
             * @description When the event was accepted
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string;
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            event_id: string;
            event_type: string;
            /** @description The channel and the person; null where it is about neither */
            from: {
                /** @example ch_01h455vb4pex5vsknk084sn02q */
                channel_id: string | null;
                /** @enum {string|null} */
                channel_kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin" | null;
                /** @description The contact's, where it has one */
                name: string | null;
            } | null;
            /** @example dlv_01h455vb4pex5vsknk084sn02q_17 */
            id: string;
            /** @description It was given up where order is kept, and the events behind it went on */
            is_gap: boolean;
            /** @description It waits for an earlier event of its conversation */
            is_held: boolean;
            /** @description What waits or is under way is a replay */
            is_replay: boolean;
            /**
             * Format: date-time
             * @description When the last request ended
             * @example 2026-11-21T10:00:00.123Z
             */
            last_at: string | null;
            last_error: string | null;
            /** @description How long it took */
            last_ms: number | null;
            last_status: number | null;
            /**
             * Format: date-time
             * @description When it is tried again; null while it is under way and when it has ended
             * @example 2026-11-21T10:00:00.123Z
             */
            next_attempt_at: string | null;
            /** @description Why it is dead or cancelled */
            reason: string | null;
            /** @description The last request, made anew for display, with `***` for what comes of a secret */
            request: {
                /** @description Null where it has been expunged */
                body: string | null;
                headers: {
                    [key: string]: string;
                };
                /** @enum {string} */
                method: "POST";
                url: string;
            } | null;
            /** @description 1, and one more with each replay */
            round: number;
            /** @enum {string} */
            state: "pending" | "delivered" | "dead" | "cancelled";
        };
        Diagnosis: {
            /** @description A receiver that does as it should accepts the request */
            accepted: boolean;
            /** @enum {string} */
            dialect: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
            /** @description What the signature's header should hold for this very body; null where it is the secret itself */
            expected: string | null;
            findings: {
                /** @description What helps */
                advice: string;
                /** @enum {string} */
                code: "missing_header" | "duplicate_header" | "other_dialect" | "header_case" | "unreadable_signature" | "prefix_missing" | "prefix_unexpected" | "wrong_encoding" | "upper_case_hex" | "wrong_hash" | "secret_not_decoded" | "secret_decoded" | "secret_padded" | "signed_content" | "body_reserialised" | "body_whitespace" | "body_misdecoded" | "body_missing" | "no_match" | "timestamp_unreadable" | "timestamp_in_milliseconds" | "timestamp_too_old" | "timestamp_too_new" | "secret_differs";
                detail: string;
            }[];
            tolerance_s: number;
        };
        Dialect: {
            /** @description Its own names and what they stand for; null where it speaks of our types */
            events: {
                name: string;
                type: string;
            }[] | null;
            /** @enum {string} */
            initial_state: "pending" | "enabled" | "disabled";
            multiple_signatures: boolean;
            /** @example chatmefy */
            name: string;
            /** @description Seconds to wait after each failure */
            retry_schedule: number[];
            /**
             * @description Headers that come of the secret; the dialect's own first
             * @example [
             *       "x-chatmefy-signature",
             *       "webhook-signature"
             *     ]
             */
            signature_headers: string[];
            timeout_ms: number;
            /** @description An endpoint sends a token back before it gets anything */
            verifies: boolean;
        };
        Endpoint: {
            /**
             * @description Of an endpoint that was made with the key of an account: it gets nothing but that account's, whatever its filters say
             * @example acc_01h455vb4pex5vsknk084sn02q
             */
            account_id: string | null;
            account_ids: string[];
            auth: components["schemas"]["ShownEndpointAuth"];
            campaign_ids: string[];
            channels: string[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            custom_fields: string[];
            description: string | null;
            dialect: string;
            dialect_options: {
                [key: string]: boolean | number | string;
            };
            events: string[];
            filter: {
                [key: string]: unknown;
            } | null;
            has_auth: boolean;
            headers: {
                [key: string]: string;
            };
            hold_key: {
                [key: string]: string;
            } | null;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            id: string;
            metadata: {
                [key: string]: string;
            };
            name: string;
            /** @enum {string} */
            ordering: "parallel" | "conversation";
            rate_limit: number | null;
            retry_schedule: number[];
            secrets: components["schemas"]["EndpointSecret"][];
            serial: number;
            shadow_dialect: string | null;
            /** @enum {string} */
            state: "pending" | "enabled" | "disabled" | "paused";
            state_reason: string | null;
            timeout_ms: number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            updated_at: string;
            url: string;
            /**
             * Format: date-time
             * @description When it last sent a token back, at the URL that it has
             * @example 2026-11-21T10:00:00.123Z
             */
            verified_at: string | null;
            /** @description In the answer to whoever sets a URL or `events`, where there are any: what has no address yet, what looks like a slip, and what nobody has described */
            warnings?: components["schemas"]["Warning"][];
        };
        /** @description How Curlew authenticates to the endpoint: basic, bearer, OAuth 2.0 client credentials, and a client certificate with any of them or alone. Secrets are never shown again */
        EndpointAuth: {
            client_certificate?: {
                /** @description In PEM, with its chain */
                certificate: string;
                /** @description In PEM, without a passphrase */
                private_key: string;
            };
            password: string;
            /** @enum {string} */
            type: "basic";
            username: string;
        } | {
            client_certificate?: {
                /** @description In PEM, with its chain */
                certificate: string;
                /** @description In PEM, without a passphrase */
                private_key: string;
            };
            token: string;
            /** @enum {string} */
            type: "bearer";
        } | {
            audience?: string;
            /**
             * @description Whether id and secret go in the `Authorization` header or in the form
             * @default basic
             * @enum {string}
             */
            client_auth: "basic" | "body";
            client_certificate?: {
                /** @description In PEM, with its chain */
                certificate: string;
                /** @description In PEM, without a passphrase */
                private_key: string;
            };
            client_id: string;
            client_secret: string;
            scope?: string;
            token_url: string;
            /** @enum {string} */
            type: "oauth2";
        } | {
            client_certificate: {
                /** @description In PEM, with its chain */
                certificate: string;
                /** @description In PEM, without a passphrase */
                private_key: string;
            };
            /** @enum {string} */
            type: "client_certificate";
        } | null;
        EndpointDraft: {
            account_ids?: string[];
            auth?: components["schemas"]["EndpointAuth"];
            campaign_ids?: (string | number)[];
            /** @description Kinds (messenger, instagram, whatsapp, sms, webchat, email, linkedin) or ids of channels; none stands for all */
            channels?: string[];
            custom_fields?: string[];
            description?: string | null;
            /** @default curlew */
            dialect: string;
            /** @description What the dialect leaves to the endpoint; the guide to dialects lists it */
            dialect_options?: {
                [key: string]: unknown;
            };
            enabled?: boolean;
            /**
             * @description `*`, types of `GET /v1/event-types`, the dialect's own names, own types (`order.shipped`) and prefixes (`order.*`)
             * @example [
             *       "message.*"
             *     ]
             */
            events?: string[];
            /**
             * @description Conditions on the event's native body, all of which must hold
             * @example {
             *       "data.order.total": {
             *         "range": {
             *           "gte": 100
             *         }
             *       }
             *     }
             */
            filter?: {
                [key: string]: unknown;
            } | null;
            /** @description Headers of your own. Their values are never shown again; `***`, given back, keeps a value */
            headers?: {
                [key: string]: string;
            };
            /**
             * @description A public key (JWK: EC on P-256, or RSA of 2048 to 4096 bits): bodies under purge are sealed to it, so that they can be kept and retried, and only its owner can read them
             * @example {
             *       "kty": "EC",
             *       "crv": "P-256",
             *       "x": "…",
             *       "y": "…"
             *     }
             */
            hold_key?: {
                [key: string]: unknown;
            } | null;
            metadata?: {
                [key: string]: string;
            };
            name: string;
            /** @enum {string} */
            ordering?: "parallel" | "conversation";
            /** @description Requests a second */
            rate_limit?: number | null;
            /** @description Seconds to wait after each failure; its length is the number of retries */
            retry_schedule?: number[] | null;
            secret?: string | null;
            /** @description A second dialect: `GET /v1/deliveries/{id}/shadow` shows what it would send. Nothing is sent in it */
            shadow_dialect?: string | null;
            timeout_ms?: number | null;
            /** @example https://example.com/hooks */
            url: string;
        };
        EndpointExamination: {
            checks: {
                /** @enum {string} */
                check: "genuine" | "forged" | "unsigned" | "tampered" | "stale";
                detail: string;
                /** @enum {string} */
                expected: "accepted" | "refused";
                first_byte_ms: number | null;
                ms: number;
                /** @enum {string} */
                outcome: "accepted" | "refused" | "no_answer";
                passed: boolean;
                /** @description What was sent, with `***` for what comes of a secret */
                request: {
                    body: string;
                    headers: {
                        [key: string]: string;
                    };
                    /** @enum {string} */
                    method: "POST";
                    url: string;
                };
                /** @description The beginning of the answer's body */
                response: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                sent_at: string;
                /** @description Null where nothing answered */
                status: number | null;
            }[];
            healthy: boolean;
        };
        EndpointHealth: {
            /**
             * Format: date-time
             * @description Events from then on wait in the log until the endpoint has caught up: it is paused, disabled, or hopelessly late
             * @example 2026-11-21T10:00:00.123Z
             */
            behind_since: string | null;
            /** @description Open after a long row of failures: one request at a time finds out whether the endpoint is back. In the compatible dialects it is only shown */
            breaker: {
                failed_probes: number;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                next_probe_at: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                opened_at: string | null;
                /** @enum {string} */
                state: "closed" | "open" | "probing";
            };
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            failing_since: string | null;
            /** @description Requests by hour, the last 24, up to some seconds ago; hours without any are left out */
            hours: {
                average_ms: number;
                delivered: number;
                failed: number;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                hour: string;
                slow: number;
            }[];
            last_failure: {
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                at: string;
                error: string | null;
                status: number | null;
            } | null;
            /** @description What its present or last failing has cost: dead letters of events since then, counted up to 100000; `POST /v1/endpoints/{id}/replay` with `{"since": …, "states": ["dead"]}` sends them again */
            missed: {
                dead_letters: number;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                since: string;
            } | null;
            /** @description In the process that answers; null where it sends nothing to it */
            process: {
                in_flight: number;
                in_memory: number;
                /** @description How many requests may be in flight at once */
                slots: number;
            } | null;
            /** @enum {string} */
            state: "pending" | "enabled" | "disabled" | "paused";
            /** @description How many deliveries are queued, or wait in the log; each counted up to 100000 */
            waiting: number;
        };
        EndpointPatch: {
            account_ids?: string[];
            auth?: components["schemas"]["EndpointAuth"];
            campaign_ids?: (string | number)[];
            /** @description Kinds (messenger, instagram, whatsapp, sms, webchat, email, linkedin) or ids of channels; none stands for all */
            channels?: string[];
            custom_fields?: string[];
            description?: string | null;
            /** @description What the dialect leaves to the endpoint; the guide to dialects lists it */
            dialect_options?: {
                [key: string]: unknown;
            };
            /**
             * @description `*`, types of `GET /v1/event-types`, the dialect's own names, own types (`order.shipped`) and prefixes (`order.*`)
             * @example [
             *       "message.*"
             *     ]
             */
            events?: string[];
            /**
             * @description Conditions on the event's native body, all of which must hold
             * @example {
             *       "data.order.total": {
             *         "range": {
             *           "gte": 100
             *         }
             *       }
             *     }
             */
            filter?: {
                [key: string]: unknown;
            } | null;
            /** @description Headers of your own. Their values are never shown again; `***`, given back, keeps a value */
            headers?: {
                [key: string]: string;
            };
            /**
             * @description A public key (JWK: EC on P-256, or RSA of 2048 to 4096 bits): bodies under purge are sealed to it, so that they can be kept and retried, and only its owner can read them
             * @example {
             *       "kty": "EC",
             *       "crv": "P-256",
             *       "x": "…",
             *       "y": "…"
             *     }
             */
            hold_key?: {
                [key: string]: unknown;
            } | null;
            metadata?: {
                [key: string]: string;
            };
            name?: string;
            /** @enum {string} */
            ordering?: "parallel" | "conversation";
            /** @description Requests a second */
            rate_limit?: number | null;
            /** @description Seconds to wait after each failure; its length is the number of retries */
            retry_schedule?: number[] | null;
            /** @description A second dialect: `GET /v1/deliveries/{id}/shadow` shows what it would send. Nothing is sent in it */
            shadow_dialect?: string | null;
            timeout_ms?: number | null;
            /** @example https://example.com/hooks */
            url?: string;
        };
        EndpointPublicKey: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            expires_at: string | null;
            /** @example whpk_8m1x… */
            public_key: string;
            /** @example sec_01h455vb4pex5vsknk084sn02q */
            secret_id: string;
            /** @enum {string} */
            stage: "staged" | "signing" | "retiring";
        };
        EndpointReplay: {
            /**
             * @description Count, and do nothing
             * @default false
             */
            dry_run: boolean;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00Z
             */
            since: string;
            /**
             * @description Of what was sent, by how it ended; or `["missing"]`: what its filters want now and what never reached it
             * @default [
             *       "delivered",
             *       "dead",
             *       "cancelled"
             *     ]
             * @example [
             *       "missing"
             *     ]
             */
            states: ("delivered" | "dead" | "cancelled" | "missing")[];
            /**
             * @description Types, and prefixes like `order.*`
             * @example [
             *       "message.received"
             *     ]
             */
            types?: string[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00Z
             */
            until?: string;
        };
        EndpointSecret: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When a retiring one ends
             * @example 2026-11-21T10:00:00.123Z
             */
            expires_at: string | null;
            /** @example sec_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @enum {string} */
            stage: "staged" | "signing" | "retiring";
            /** @description Of a retiring one: how many deliveries were taken only because they were sent again, signed with it. Null where every request carries all signatures, so that nobody can tell */
            still_needed: number | null;
        };
        EndpointTest: {
            delivered: boolean;
            /** @description In words */
            error: string | null;
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            event_id: string;
            event_type: string;
            first_byte_ms: number | null;
            ms: number;
            /** @description What was sent, with `***` for what comes of a secret */
            request: {
                body: string;
                headers: {
                    [key: string]: string;
                };
                /** @enum {string} */
                method: "POST";
                url: string;
            };
            /** @description The beginning of the answer's body */
            response: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            sent_at: string;
            /** @description Null where nothing answered */
            status: number | null;
        };
        EndpointTestRequest: {
            /** @description A type of `GET /v1/event-types`, one of the dialect's own names, or a type of your own; without it `endpoint.tested`, or what a dialect with names of its own subscribes to first */
            type?: string;
        };
        /** @description The body of a webhook. Expect fields that are not listed. */
        Event: {
            account: {
                [key: string]: unknown;
            } | null;
            /** @example 2026-11-01 */
            api_version: string;
            channel: {
                [key: string]: unknown;
            } | null;
            contact: {
                [key: string]: unknown;
            } | null;
            conversation: {
                [key: string]: unknown;
            } | null;
            data: {
                [key: string]: unknown;
            };
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            occurred_at: string;
            /** @example message.received */
            type: string;
            /** @example ws_01h455vb4pex5vsknk084sn02q */
            workspace_id: string;
        };
        EventDetail: components["schemas"]["EventSummary"] & {
            /** @description Where it went, 100 at most; all of them: `GET /v1/deliveries?event_id=` */
            deliveries: components["schemas"]["Delivery"][];
            /** @description The native webhook body */
            payload: {
                [key: string]: unknown;
            };
        };
        EventSummary: {
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            account_id: string | null;
            /** @description Its body is gone: of `payload` there are the ids, and `data` is empty */
            body_expunged: boolean;
            campaign_id: string | null;
            /** @example ch_01h455vb4pex5vsknk084sn02q */
            channel_id: string | null;
            /** @example cnv_01h455vb4pex5vsknk084sn02q */
            conversation_id: string | null;
            /** @description The channel and the person; null where it is about neither */
            from: {
                /** @example ch_01h455vb4pex5vsknk084sn02q */
                channel_id: string | null;
                /** @enum {string|null} */
                channel_kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin" | null;
                /** @description The contact's, where it has one */
                name: string | null;
            } | null;
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            occurred_at: string;
            /** @description Its number in its conversation */
            seq: number | null;
            type: string;
        };
        EventType: {
            description: string;
            /** @description The workspace has described it itself */
            is_own: boolean;
            /** @description About Curlew itself: `*` does not stand for it, it must be named. */
            operational: boolean;
            /** @example message.received */
            type: string;
        };
        EventTypeDetail: components["schemas"]["EventType"] & {
            /** @description Of an own type its `data`, as it was given; else a whole native body */
            example: {
                [key: string]: unknown;
            } | null;
            /** @description The example in the dialect that was asked for; null where none was, or where it has no such event */
            rendered: {
                /** @description To the byte, as an endpoint gets it */
                body: string;
                dialect: string;
                /** @description What the dialect calls it */
                name: string;
            } | null;
            /** @description JSON Schema of `data`, which what is published must fit. Expect members that it does not name */
            schema: {
                [key: string]: unknown;
            } | null;
        };
        EventTypeDraft: {
            /** @default  */
            description: string;
            /** @default null */
            example: {
                [key: string]: unknown;
            } | null;
            /** @default null */
            schema: {
                [key: string]: unknown;
            } | null;
        };
        ExpungedEvent: {
            /** @description Attempts that kept an answer */
            attempts: number;
            /** @enum {boolean} */
            body_expunged: true;
            /** @description Deliveries that waited, and will not be made */
            cancelled: number;
            /** @description Requests of it in catchers */
            caught: number;
            /** @description Deliveries that kept a body */
            deliveries: number;
            /** @example evt_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @description It had been expunged before */
            was_expunged: boolean;
        };
        FileLimit: {
            max_bytes: number;
            /** @description Characters of `media.caption`; null where it goes without */
            max_caption: number | null;
            /**
             * @description `video/*` is all of a family, `*` is anything
             * @example [
             *       "image/jpeg",
             *       "image/png"
             *     ]
             */
            mimes: string[];
            /**
             * @description `media.type` of `POST /v1/send`
             * @enum {string}
             */
            type: "image" | "video" | "audio" | "voice" | "document" | "sticker";
        };
        GenesyWebhook: {
            campaignIds: number[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            createdAt: string;
            customFields: string[];
            enabled: boolean;
            events: string[];
            hasSecret: boolean;
            id: number;
            name: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            updatedAt: string;
            url: string;
        };
        GenesyWebhookDraft: {
            campaignIds?: number[];
            customFields?: string[];
            enabled?: boolean;
            events: ("CONNECTION_REQUEST_SENT" | "CONNECTION_REQUEST_ACCEPTED" | "LINKEDIN_MESSAGE_SENT" | "EMAIL_SENT" | "INMAIL_SENT" | "MESSAGE_REPLIED" | "POST_LIKED" | "PROFILE_VISITED")[];
            name: string;
            secret?: string | null;
            url: string;
        };
        GenesyWebhookLog: {
            attemptNumber: number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            createdAt: string;
            durationMs: number;
            errorMessage: string | null;
            eventType: string;
            /** @description Made of the attempt: the same whenever it is asked for */
            id: number;
            statusCode: number | null;
        };
        GenesyWebhookPatch: {
            campaignIds?: number[];
            customFields?: string[];
            enabled?: boolean;
            events?: ("CONNECTION_REQUEST_SENT" | "CONNECTION_REQUEST_ACCEPTED" | "LINKEDIN_MESSAGE_SENT" | "EMAIL_SENT" | "INMAIL_SENT" | "MESSAGE_REPLIED" | "POST_LIKED" | "PROFILE_VISITED")[];
            name?: string;
            secret?: string | null;
            url?: string;
        };
        Health: {
            data: {
                advice: string | null;
                detail: string;
                /** @enum {string} */
                level: "ok" | "warning" | "critical";
                /** @example oldest_due */
                name: string;
                /** @enum {string} */
                unit: "seconds" | "rows" | "days" | "processes" | "messages" | "deliveries";
                value: number;
            }[];
        };
        /** @description With `kind`: in words that every channel can be given. With `type`: WhatsApp's own object, verbatim. */
        Interactive: {
            actions: {
                id: string;
                title: string;
            }[];
            body: string;
            footer?: string;
            header?: {
                text: string;
                /** @enum {string} */
                type: "text";
            } | {
                /** @enum {string} */
                type: "image" | "video" | "document";
                /** Format: uri */
                url: string;
            };
            /** @enum {string} */
            kind: "buttons";
        } | {
            actions: {
                description?: string;
                id: string;
                section?: string;
                title: string;
            }[];
            body: string;
            /** @default Choose */
            button: string;
            footer?: string;
            header?: {
                text: string;
                /** @enum {string} */
                type: "text";
            } | {
                /** @enum {string} */
                type: "image" | "video" | "document";
                /** Format: uri */
                url: string;
            };
            /** @enum {string} */
            kind: "list";
        } | {
            actions: {
                title: string;
                /** Format: uri */
                url: string;
            }[];
            body: string;
            footer?: string;
            header?: {
                text: string;
                /** @enum {string} */
                type: "text";
            } | {
                /** @enum {string} */
                type: "image" | "video" | "document";
                /** Format: uri */
                url: string;
            };
            /** @enum {string} */
            kind: "cta_url";
        } | {
            body: string;
            /** @enum {string} */
            kind: "location_request";
        } | {
            actions: {
                data?: {
                    [key: string]: unknown;
                };
                flow_id: string;
                flow_token?: string;
                screen?: string;
                title: string;
            }[];
            body: string;
            footer?: string;
            header?: {
                text: string;
                /** @enum {string} */
                type: "text";
            } | {
                /** @enum {string} */
                type: "image" | "video" | "document";
                /** Format: uri */
                url: string;
            };
            /** @enum {string} */
            kind: "flow";
        } | {
            actions: {
                catalog_id: string;
                product_id: string;
                section?: string;
            }[];
            /** @default  */
            body: string;
            footer?: string;
            header?: {
                text: string;
                /** @enum {string} */
                type: "text";
            } | {
                /** @enum {string} */
                type: "image" | "video" | "document";
                /** Format: uri */
                url: string;
            };
            /** @enum {string} */
            kind: "product";
        } | {
            actions: {
                buttons?: ({
                    id: string;
                    title: string;
                } | {
                    title: string;
                    /** Format: uri */
                    url: string;
                })[];
                /** Format: uri */
                image_url?: string;
                subtitle?: string;
                title: string;
            }[];
            /** @default  */
            body: string;
            /** @enum {string} */
            kind: "carousel";
        } | ({
            type: string;
        } & {
            [key: string]: unknown;
        });
        Invitation: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            email: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            expires_at: string;
            /** @example inv_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @enum {string} */
            role: "owner" | "developer" | "agent" | "read_only";
        };
        Job: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            done: number;
            error: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            finished_at: string | null;
            /** @example job_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @example replay */
            kind: string;
            /** @enum {string} */
            state: "waiting" | "running" | "done" | "stopped" | "failed";
            /** @description How many were meant when it was asked for */
            total: number | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            updated_at: string;
        };
        Ledger: {
            data: {
                cancelled: number;
                /**
                 * Format: date
                 * @example 2026-11-21
                 */
                day: string;
                dead: number;
                delivered: number;
                /** @example ep_01h455vb4pex5vsknk084sn02q */
                endpoint_id: string;
                /** @description Under way, or waiting for an attempt */
                pending: number;
                /** @description How many were to be delivered: the sum of the rest */
                targeted: number;
            }[];
            /** @description Of the whole workspace; null where an endpoint or account is asked for */
            events: {
                accepted: number;
                /** @description Kept, though no endpoint wanted them */
                unwanted: number;
            } | null;
            has_more: boolean;
            next_cursor: string | null;
            totals: {
                cancelled: number;
                dead: number;
                delivered: number;
                /** @description Under way, or waiting for an attempt */
                pending: number;
                /** @description Of what is pending: has failed, and waits for another attempt */
                retrying: number;
                /** @description How many were to be delivered: the sum of the rest */
                targeted: number;
            };
        };
        ListedEvent: components["schemas"]["EventSummary"] & {
            /** @description The native webhook body, where the log is read with `after` */
            payload?: {
                [key: string]: unknown;
            };
        };
        Me: {
            is_operator: boolean;
            /** @enum {string} */
            kind: "admin" | "key" | "member";
            /** @description Who has signed in; null for a key */
            person: {
                email: string;
                /** @example usr_01h455vb4pex5vsknk084sn02q */
                id: string;
                name: string;
            } | null;
            scopes: string[];
            workspace: {
                /** @example ws_01h455vb4pex5vsknk084sn02q */
                id: string;
                name: string;
            };
            /** @description Where the person is a member */
            workspaces: {
                /** @example ws_01h455vb4pex5vsknk084sn02q */
                id: string;
                name: string;
                /** @enum {string} */
                role: "owner" | "developer" | "agent" | "read_only";
            }[];
        };
        Member: {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            email: string;
            /** @example usr_01h455vb4pex5vsknk084sn02q */
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "developer" | "agent" | "read_only";
            two_factor: boolean;
        };
        Message: {
            actor: {
                id: string | null;
                name: string | null;
                type: string;
            };
            /**
             * @description The body was forwarded and not kept
             * @enum {boolean}
             */
            body_purged?: true;
            /** @example ch_01h455vb4pex5vsknk084sn02q */
            channel_id: string;
            /** @example con_01h455vb4pex5vsknk084sn02q */
            contact_id: string;
            content: {
                /** @example text */
                type: string;
            } & {
                [key: string]: unknown;
            };
            /** @example cnv_01h455vb4pex5vsknk084sn02q */
            conversation_id: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            deleted_at: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            delivered_at: string | null;
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            edited_at: string | null;
            /** @description Why it failed */
            error: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            failed_at: string | null;
            forwarded?: boolean;
            frequently_forwarded?: boolean;
            /** @example msg_01h455vb4pex5vsknk084sn02q */
            id: string;
            metadata: {
                [key: string]: unknown;
            };
            /** @description What the provider says went wrong with it */
            problem?: {
                [key: string]: unknown;
            };
            provider_id: string | null;
            quoted: {
                /** @example msg_01h455vb4pex5vsknk084sn02q */
                message_id: string | null;
                provider_id: string | null;
            } | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            read_at: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            received_at: string | null;
            /** @description What brought the customer here */
            referral: {
                [key: string]: unknown;
            } | null;
            referred_product?: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            sent_at: string | null;
            serial: number;
            standby?: boolean;
            /** @enum {string} */
            status: "queued" | "sending" | "unconfirmed" | "sent" | "delivered" | "read" | "played" | "failed" | "received";
            ticket_ref: string | null;
        };
        NewApiKey: components["schemas"]["ApiKey"] & {
            /** @description The key itself: shown here and never again. */
            key: string;
        };
        NewChannel: components["schemas"]["Channel"] & {
            /** @description Where there are any: what was taken as it came, and is perhaps not what was meant */
            warnings?: components["schemas"]["Warning"][];
        };
        NewEndpoint: components["schemas"]["Endpoint"] & {
            /** @description It signs every request: shown here and never again. Null in a dialect where it is the client's to bring, and none came. */
            secret: string | null;
        };
        NewEvent: {
            /** @example acc_01h455vb4pex5vsknk084sn02q */
            account_id?: string;
            /** @description Without it an event of the catalogue is of the campaign that `data.campaign.id` names */
            campaign_id?: string | number | null;
            /**
             * @description A kind or an id
             * @example sms
             */
            channel?: string;
            /** @example cnv_01h455vb4pex5vsknk084sn02q */
            conversation_id?: string;
            data: {
                [key: string]: unknown;
            };
            idempotency_key?: string | null;
            /**
             * @description A type of your own in dotted lower case, or one of `GET /v1/event-types` that is not operational
             * @example order.shipped
             */
            type: string;
        };
        OwnSettings: {
            ai_enabled?: boolean;
            external_reply_mode?: boolean;
            inbound_body_purge?: boolean;
        };
        PhoneEntry: {
            /** @description The message that a reaction is about */
            about: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            at: string;
            /** @enum {string} */
            author: "customer" | "business";
            /** @description The provider's */
            id: string;
            /** @description Of the business's, as they were told */
            statuses: string[];
            text: string | null;
            type: string;
            /** @description Of the customer's: what the ingress answered to the provider's webhook */
            webhook_status: number | null;
        };
        Plan: {
            /** @description How many endpoints a workspace may have; null for any number */
            endpoints: number | null;
            features: ("webhooks" | "send" | "sms" | "whatsapp")[];
            name: string;
            /**
             * @description How many SMS it may send in a calendar month (UTC); null for any number
             * @default null
             */
            sms_per_month: number | null;
            title: string;
        };
        Problem: {
            /** @enum {string} */
            code: "invalid_request" | "malformed_json" | "malformed_request" | "headers_too_large" | "request_timeout" | "unauthorized" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "body_too_large" | "unsupported_media_type" | "too_many_requests" | "internal" | "unavailable" | "sign_in_refused" | "invitation_refused" | "signature_refused" | "channel_unknown" | "verify_token_refused" | "address_refused" | "unknown_event_type" | "event_too_large" | "event_schema" | "cursor_expired" | "batch_too_large" | "idempotency_key_reused" | "idempotency_in_progress" | "channel_taken" | "ambiguous_channel" | "channel_missing" | "channel_paused" | "recipient_missing" | "recipient_conflict" | "recipient_unknown" | "unsupported_action" | "quota_exceeded" | "file_refused" | "file_unfit" | "upload_limit" | "text_too_long" | "opted_out" | "provider_refused" | "verification_failed" | "body_expunged" | "not_replayable" | "endpoint_limit" | "plan_feature" | "trial_ended" | "link_refused" | "media_fetching" | "media_failed" | "media_gone" | "range_refused" | "purge_conflict";
            detail: string;
            /** @description Each field at fault: a JSON pointer, or a query parameter's name */
            errors?: {
                detail: string;
                pointer: string;
            }[];
            request_id: string;
            status: number;
            title: string;
            /** @example /problems/invalid_request */
            type: string;
        };
        Queue: {
            /** @description The attempt that has been due longest and has not begun, at an endpoint that is enabled; null when nothing is late */
            oldest_due: {
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                due_at: string;
                /** @example ep_01h455vb4pex5vsknk084sn02q */
                endpoint_id: string;
                /** @description For how long it has been due */
                seconds: number;
            } | null;
        };
        Replay: {
            /** @description How many deliveries are meant */
            count: number;
            dry_run: boolean;
            /** @description How many more would be meant if their bodies had not been expunged; of what is missing, how many may be */
            expunged: number;
            /** @description False where counting took too long: `count` is how far it came, and there are more */
            is_exact: boolean;
            /**
             * @description The job that replays them; null for a dry run, and where there are none
             * @example job_01h455vb4pex5vsknk084sn02q
             */
            job_id: string | null;
        };
        ReplayedDelivery: components["schemas"]["Delivery"] & {
            /**
             * @description `started`: a new round. `due`: its next attempt is now. `under_way`: one is being made.
             * @enum {string}
             */
            replay: "started" | "due" | "under_way";
        };
        RequestPreview: {
            event_type: string;
            request: {
                body: string;
                headers: {
                    [key: string]: string;
                };
                /** @enum {string} */
                method: "POST";
                url: string;
            };
            /** @description What the address guard says; null without a URL */
            url: {
                /** @description Why not, or what is in the way, in words */
                detail: string | null;
                ok: boolean;
            } | null;
        };
        ReturnedEndpoint: components["schemas"]["Endpoint"] & {
            /** @description What its present or last failing has cost: dead letters of events since then, counted up to 100000; `POST /v1/endpoints/{id}/replay` with `{"since": …, "states": ["dead"]}` sends them again */
            missed: {
                dead_letters: number;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                since: string;
            } | null;
            /** @description How many deliveries are queued, or wait in the log; each counted up to 100000 */
            waiting: number;
        };
        RotatedEndpoint: components["schemas"]["Endpoint"] & {
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            retiring_until: string | null;
            /** @description The new one, where one was made: shown here and never again. */
            secret?: string;
        };
        SecretRotation: {
            /**
             * @description How long the secret before still counts, in seconds; 0 ends it at once
             * @default 86400
             */
            overlap_s: number;
            /**
             * @description Where a request carries one signature: on these answers it is sent again at once, signed with the secret before
             * @default [
             *       401,
             *       403
             *     ]
             */
            resend_on: number[];
            /** @description Your own; made for you when absent */
            secret?: string;
            /**
             * @description `stage` makes a secret that does not sign yet, `promote` lets it sign, `retire` ends the older ones now. Without it a new secret is made and signs at once
             * @enum {string}
             */
            step?: "stage" | "promote" | "retire";
        };
        SendAlternative: {
            /**
             * @description Who speaks: software or a person. A person may answer on Messenger and Instagram for seven days
             * @enum {string}
             */
            actor?: "bot" | "agent";
            /** @example ch_01h455vb4pex5vsknk084sn02q */
            channel_id?: string;
            /** @description Answers a comment in private: Messenger and Instagram, once, within seven days */
            comment_id?: string;
            /** @description `cnv_…` or the conversation's serial */
            conversation_id?: string | number;
            interactive?: components["schemas"]["Interactive"];
            /** @description The provider fetches the file: from your URL, or from Curlew */
            media?: {
                caption?: string;
                filename?: string;
                /**
                 * @description A file that is here: of `POST /v1/media`, or of another message
                 * @example med_01h455vb4pex5vsknk084sn02q
                 */
                id?: string;
                /**
                 * @description `file` is `document`
                 * @enum {string}
                 */
                type: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "file";
                /** Format: uri */
                url?: string;
            };
            /**
             * @description `facebook` is `messenger`
             * @enum {string}
             */
            platform?: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin" | "facebook";
            /**
             * @description What the platform calls the customer: a PSID, IGSID, `wa_id` or BSUID
             * @example 16505551234
             */
            platform_user_id?: string;
            /** @description `msg_…`, the message's serial or the provider's message id */
            reply_to?: string | number;
            /**
             * @description Messenger and Instagram, for `actor: agent`: sent as a person's answer also while the window is open
             * @enum {string}
             */
            tag?: "HUMAN_AGENT";
            /** @description Meta's `components`, passed on verbatim */
            template_components?: unknown[];
            /** @example en_US */
            template_language?: string;
            /**
             * @description A WhatsApp template
             * @example order_ready
             */
            template_name?: string;
            /** @example Your order is ready. */
            text?: string;
            /**
             * @description E.164. Alone it means SMS; with `platform: "whatsapp"` WhatsApp
             * @example +16505551234
             */
            to_phone?: string;
            /**
             * @description A WhatsApp business-scoped user id (BSUID)
             * @example US.13491208655302741918
             */
            wa_user_id?: string;
        };
        SendAnswer: {
            /** @example cnv_01h455vb4pex5vsknk084sn02q */
            conversation_id: string | null;
            /** @description The idempotency key was used before: this is what came of it then */
            duplicate: boolean;
            /** @example msg_01h455vb4pex5vsknk084sn02q */
            id: string | null;
            /** @example msg_01h455vb4pex5vsknk084sn02q */
            message_id: string | null;
            /**
             * @example whatsapp
             * @enum {string}
             */
            platform: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin";
            /** @description Of a dry run: what is to be expected, by what is known here */
            policy?: {
                allowed: boolean;
                /**
                 * Format: date-time
                 * @description When it would be allowed; null for now, and where nobody can say
                 * @example 2026-11-21T10:00:00.123Z
                 */
                next_allowed_at: string | null;
                /** @enum {string} */
                rule: "no_window" | "window_open" | "window_closed" | "human_agent" | "template" | "private_reply" | "opted_out" | "channel_paused";
            };
            /** @example wamid.HBgLMTY1MDU1NTEyMzQ */
            provider_message_id: string | null;
            quota?: {
                limit: number | null;
                unit: string;
                used: number;
            };
            segments?: number;
            /**
             * @example sent
             * @enum {string}
             */
            status: "queued" | "sending" | "unconfirmed" | "sent" | "delivered" | "read" | "played" | "failed" | "received" | "done" | "dry_run";
            window: {
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                free_form_until: string | null;
                /**
                 * Format: date-time
                 * @description Until when a person may answer, where people are given longer
                 * @example 2026-11-21T10:00:00.123Z
                 */
                human_agent_until: string | null;
            };
        };
        /**
         * @example {
         *       "to_phone": "+16505551234",
         *       "platform": "whatsapp",
         *       "text": "Your order is ready."
         *     }
         */
        SendRequest: {
            /** @enum {string} */
            action?: "resolve" | "reopen" | "mark_read";
            /**
             * @description Who speaks: software or a person. A person may answer on Messenger and Instagram for seven days
             * @default bot
             * @enum {string}
             */
            actor: "bot" | "agent";
            /** @example ch_01h455vb4pex5vsknk084sn02q */
            channel_id?: string;
            /** @description Answers a comment in private: Messenger and Instagram, once, within seven days */
            comment_id?: string;
            /** @description `cnv_…` or the conversation's serial */
            conversation_id?: string | number;
            /**
             * @description Checks everything, says what is to be expected, and sends nothing
             * @default false
             */
            dry_run: boolean;
            /** @description What is tried in turn when the message fails, under the same idempotency key */
            fallback?: components["schemas"]["SendAlternative"][];
            /** @description The same as the header `Idempotency-Key` */
            idempotency_key?: string;
            interactive?: components["schemas"]["Interactive"];
            /** @description The provider fetches the file: from your URL, or from Curlew */
            media?: {
                caption?: string;
                filename?: string;
                /**
                 * @description A file that is here: of `POST /v1/media`, or of another message
                 * @example med_01h455vb4pex5vsknk084sn02q
                 */
                id?: string;
                /**
                 * @description `file` is `document`
                 * @enum {string}
                 */
                type: "image" | "video" | "audio" | "voice" | "document" | "sticker" | "file";
                /** Format: uri */
                url?: string;
            };
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * @description `facebook` is `messenger`
             * @enum {string}
             */
            platform?: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin" | "facebook";
            /**
             * @description What the platform calls the customer: a PSID, IGSID, `wa_id` or BSUID
             * @example 16505551234
             */
            platform_user_id?: string;
            /** @description Null takes the reaction away */
            reaction?: {
                emoji: string | null;
                message_id: string | number;
            };
            /** @description `msg_…`, the message's serial or the provider's message id */
            reply_to?: string | number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00Z
             */
            send_at?: string;
            /**
             * @description Messenger and Instagram, for `actor: agent`: sent as a person's answer also while the window is open
             * @enum {string}
             */
            tag?: "HUMAN_AGENT";
            /** @description Meta's `components`, passed on verbatim */
            template_components?: unknown[];
            /** @example en_US */
            template_language?: string;
            /**
             * @description A WhatsApp template
             * @example order_ready
             */
            template_name?: string;
            /** @example Your order is ready. */
            text?: string;
            /** @description What your own system calls this; kept on message and conversation */
            ticket_ref?: string;
            /**
             * @description E.164. Alone it means SMS; with `platform: "whatsapp"` WhatsApp
             * @example +16505551234
             */
            to_phone?: string;
            /** @enum {string} */
            typing?: "on" | "off";
            /**
             * @description A WhatsApp business-scoped user id (BSUID)
             * @example US.13491208655302741918
             */
            wa_user_id?: string;
        };
        Series: {
            data: {
                /** @description Events of the whole workspace; null where an endpoint or account is asked for */
                accepted: number | null;
                /**
                 * Format: date-time
                 * @description The beginning of the minute, hour or day, UTC
                 * @example 2026-11-21T10:00:00.123Z
                 */
                at: string;
                /** @description Requests that were made then, up to some seconds ago. `answer`: how long one took; `arrival`: from the event to its delivery */
                attempts: {
                    /** @description Right to about a tenth; null where nothing was counted */
                    answer: {
                        p50_ms: number;
                        p95_ms: number;
                        p99_ms: number;
                    } | null;
                    /** @description Right to about a tenth; null where nothing was counted */
                    arrival: {
                        p50_ms: number;
                        p95_ms: number;
                        p99_ms: number;
                    } | null;
                    delivered: number;
                    failed: number;
                    slow: number;
                };
                cancelled: number;
                dead: number;
                delivered: number;
                /** @example ep_01h455vb4pex5vsknk084sn02q */
                endpoint_id: string | null;
                pending: number;
                /** @description Deliveries of events that were accepted then: the sum of the next four, as in the ledger */
                targeted: number;
            }[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            from: string;
            /** @enum {string} */
            step: "minute" | "hour" | "day";
            /**
             * Format: date-time
             * @description Not included
             * @example 2026-11-21T10:00:00.123Z
             */
            to: string;
            /** @description All points together */
            totals: {
                /** @description Events of the whole workspace; null where an endpoint or account is asked for */
                accepted: number | null;
                /** @description Requests that were made then, up to some seconds ago. `answer`: how long one took; `arrival`: from the event to its delivery */
                attempts: {
                    /** @description Right to about a tenth; null where nothing was counted */
                    answer: {
                        p50_ms: number;
                        p95_ms: number;
                        p99_ms: number;
                    } | null;
                    /** @description Right to about a tenth; null where nothing was counted */
                    arrival: {
                        p50_ms: number;
                        p95_ms: number;
                        p99_ms: number;
                    } | null;
                    delivered: number;
                    failed: number;
                    slow: number;
                };
                cancelled: number;
                dead: number;
                delivered: number;
                pending: number;
                /** @description Of what is pending: has failed, and waits for another attempt */
                retrying: number;
                /** @description Deliveries of events that were accepted then: the sum of the next four, as in the ledger */
                targeted: number;
                /** @description Of what was accepted: kept, though no endpoint wanted it */
                unwanted: number | null;
            };
        };
        Server: {
            /** @example PostgreSQL 18 */
            database: string;
            /** @description How many work now */
            processes: number;
            /** @example 0.1.0 */
            version: string;
        };
        Settings: {
            ai_enabled: boolean;
            external_reply_mode: boolean;
            inbound_body_purge: boolean;
        };
        /** @description null takes a setting back to what the account, or the workspace, says. */
        SettingsChange: {
            ai_enabled?: boolean | null;
            external_reply_mode?: boolean | null;
            inbound_body_purge?: boolean | null;
        };
        Shadow: {
            /** @description From the endpoint's own body (here) to the other one (there) */
            differences: {
                here?: unknown;
                /** @enum {string} */
                kind: "only_here" | "only_there" | "changed";
                /** @example /data/email */
                pointer: string;
                there?: unknown;
            }[];
            own: {
                body: string;
                dialect: string;
                /** @description What the dialect calls the event; null where it has no name and would not send it */
                name: string | null;
            };
            shadow: {
                body: string;
                dialect: string;
                /** @description What the dialect calls the event; null where it has no name and would not send it */
                name: string | null;
            };
        };
        /** @description What of the authentication is no secret */
        ShownEndpointAuth: {
            audience?: string;
            /** @enum {string} */
            client_auth?: "basic" | "body";
            client_certificate?: {
                expires_at: string;
                fingerprint_sha256: string;
                subject: string;
            };
            client_id?: string;
            scope?: string;
            token_url?: string;
            /** @enum {string} */
            type: "basic" | "bearer" | "oauth2" | "client_certificate";
            username?: string;
        } | null;
        ShownSecret: {
            secret: string;
        };
        SignedRequest: {
            /** @description What your receiver verified, to the letter */
            body: string;
            /**
             * @description The endpoint's; told from the headers when absent
             * @enum {string}
             */
            dialect?: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
            /** @description As your receiver has them */
            headers: {
                [key: string]: string | string[];
            };
            /**
             * Format: date-time
             * @description What your receiver's clock says; the server's own when absent
             * @example 2026-11-21T10:00:00Z
             */
            now?: string;
            secret: string;
        };
        Simulator: {
            available: boolean;
            channels: {
                customer: {
                    id: string;
                    name: string;
                };
                external_id: string;
                /** @example ch_01h455vb4pex5vsknk084sn02q */
                id: string;
                /** @enum {string} */
                kind: "whatsapp" | "instagram" | "messenger" | "sms";
                name: string;
            }[];
            faults: components["schemas"]["SimulatorFaults"];
            /** @description Why not, and what would change it */
            reason: string | null;
        };
        SimulatorFaults: {
            /** @description Every webhook comes twice */
            deliver_twice: boolean;
            /** @description A send is carried out, and its answer is lost */
            lose_answers: boolean;
            /** @description Statuses come last first */
            out_of_order: boolean;
            /** @description What customers write is signed by somebody else */
            wrong_signature: boolean;
        };
        Template: {
            /** @example UTILITY */
            category: string | null;
            /** @description As Meta gives them */
            components: unknown[];
            /**
             * @description Meta's id
             * @example 594425479261596
             */
            id: string | null;
            /** @example en_US */
            language: string;
            /** @example order_ready */
            name: string;
            /** @example GREEN */
            quality: string | null;
            /** @example APPROVED */
            status: string | null;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            synced_at: string;
            waba_id: string;
        };
        Unroutable: {
            channel_kind: string | null;
            /** @description The address that it came for */
            external_id: string | null;
            /** @example unr_01h455vb4pex5vsknk084sn02q */
            id: string;
            /** @description As it came: JSON, where it was JSON. Of a long one its first 65,536 characters */
            payload: string;
            payload_is_whole: boolean;
            /** @example meta */
            provider: string;
            /** @example unknown_channel */
            reason: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            received_at: string;
        };
        UploadedFile: {
            bytes: number;
            /**
             * Format: date-time
             * @description When it goes, unless a message has taken it along by then
             * @example 2026-11-21T10:00:00.123Z
             */
            expires_at: string;
            filename: string | null;
            /** @example med_01h455vb4pex5vsknk084sn02q */
            id: string;
            /**
             * @description What its bytes are, whatever `Content-Type` says
             * @example image/jpeg
             */
            mime: string;
            /** @description Hexadecimal */
            sha256: string;
        };
        Usage: {
            add_ons: ("webhooks" | "send" | "sms" | "whatsapp")[];
            endpoints: {
                /** @description null: as many as wanted */
                limit: number | null;
                used: number;
            };
            /** @description By the plan or an add-on */
            features: ("webhooks" | "send" | "sms" | "whatsapp")[];
            plan: string;
            /** @description What people call the plan */
            plan_title: string;
            /** @description Sent in this calendar month (UTC) */
            sms: {
                limit: number | null;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                resets_at: string;
                segments: number;
                /** @description Calls that Twilio took, whatever their segments */
                used: number;
            };
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            trial_ends_at: string | null;
        };
        VerifiedEndpoint: components["schemas"]["Endpoint"] & {
            verification: {
                first_byte_ms: number | null;
                ms: number;
                /** @description In words */
                reason: string | null;
                /** @description What was sent, with `***` for what comes of a secret */
                request: {
                    body: string;
                    headers: {
                        [key: string]: string;
                    };
                    /** @enum {string} */
                    method: "POST";
                    url: string;
                };
                /** @description The beginning of the answer's body */
                response: string | null;
                /**
                 * Format: date-time
                 * @example 2026-11-21T10:00:00.123Z
                 */
                sent_at: string;
                /** @description Null where nothing answered */
                status: number | null;
                verified: boolean;
            };
        };
        Warning: {
            detail: string;
            /**
             * @description To what it is about
             * @example /type
             */
            pointer: string;
        };
        WholeCaughtRequest: {
            answered: number;
            /** @description As it came; null where message bodies are purged: then it is not written down */
            body: string | null;
            body_bytes: number;
            body_is_whole: boolean;
            /** @example dlv_01h455vb4pex5vsknk084sn02q */
            delivery_id: string | null;
            /**
             * @description base64 where the bytes are no text
             * @enum {string}
             */
            encoding: "utf8" | "base64";
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string | null;
            /** @description What `webhook-id` names */
            event_id: string | null;
            /** @description What `webhook-event` says */
            event_type: string | null;
            /** @description As they came */
            headers: [
                string,
                string
            ][];
            /** @example req_01h455vb4pex5vsknk084sn02q */
            id: string;
            method: string;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            received_at: string;
            /** @description What the signature was worth when it came, by the secrets of the endpoint that sends here; null where none does */
            signature: {
                accepted: boolean;
                /** @enum {string} */
                dialect: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
                expected: string | null;
                findings: {
                    advice: string;
                    code: string;
                    detail: string;
                }[];
            } | null;
        };
        Why: {
            attempts: number;
            delivery_id: string | null;
            /** @description The same in words */
            detail: string;
            /** @example ep_01h455vb4pex5vsknk084sn02q */
            endpoint_id: string;
            endpoint_name: string;
            /** @enum {string} */
            outcome: "pending" | "delivered" | "dead" | "cancelled" | "left_out";
            /**
             * @description What left it out, as the endpoint stood when the event was accepted
             * @enum {string|null}
             */
            reason: "not_there" | "deleted" | "state" | "account" | "type" | "channel" | "account_filter" | "campaign" | "filter" | "about_it" | null;
        };
        Workspace: {
            add_ons: string[];
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            created_at: string;
            /** @example ws_01h455vb4pex5vsknk084sn02q */
            id: string;
            is_default: boolean;
            name: string;
            plan: string;
            serial: number;
            /**
             * Format: date-time
             * @example 2026-11-21T10:00:00.123Z
             */
            trial_ends_at: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAccounts: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Account"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What you call this account yourself */
                    external_id?: string | null;
                    name: string;
                    settings?: components["schemas"]["SettingsChange"];
                };
            };
        };
        responses: {
            /** @description The account. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    deleteAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What you call this account yourself */
                    external_id?: string | null;
                    name?: string;
                    settings?: components["schemas"]["SettingsChange"];
                };
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ApiKey"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Confines the key to this account.
                     * @example acc_01h455vb4pex5vsknk084sn02q
                     */
                    account_id?: string;
                    /**
                     * Format: date-time
                     * @example 2026-11-21T10:00:00Z
                     */
                    expires_at?: string;
                    name: string;
                    /** @description `*` stands for every scope, those of later versions included. */
                    scopes: ("*" | "endpoints:read" | "endpoints:write" | "deliveries:read" | "deliveries:write" | "events:read" | "events:write" | "events:expunge" | "channels:read" | "channels:write" | "conversations:read" | "conversations:write" | "messages:read" | "messages:send" | "accounts:read" | "accounts:write" | "api_keys:read" | "api_keys:write" | "settings:read" | "settings:write" | "members:read" | "members:write" | "audit_log:read")[];
                };
            };
        };
        responses: {
            /** @description The key. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description How long the key that is replaced goes on working.
                     * @default 86400
                     */
                    overlap_s?: number;
                };
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
        };
    };
    listAuditLog: {
        parameters: {
            query?: {
                actor_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description What was done to one thing: its id, as it stands in the path */
                object_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listCatchers: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Catcher"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createCatcher: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description How long that takes
                     * @default 0
                     */
                    delay_ms?: number;
                    /**
                     * @description How many requests it remembers
                     * @default 100
                     */
                    keep?: number;
                    /** @default Catcher */
                    name?: string;
                    /**
                     * @description What it answers
                     * @default 200
                     */
                    status?: number;
                };
            };
        };
        responses: {
            /** @description The catcher. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Catcher"];
                };
            };
        };
    };
    getCatcher: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The catcher. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Catcher"];
                };
            };
        };
    };
    deleteCatcher: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateCatcher: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description How long that takes */
                    delay_ms?: number;
                    /** @description How many requests it remembers */
                    keep?: number;
                    name?: string;
                    /** @description What it answers */
                    status?: number;
                };
            };
        };
        responses: {
            /** @description The catcher. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Catcher"];
                };
            };
        };
    };
    listCaughtRequests: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CaughtRequest"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    clearCaughtRequests: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgotten. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getCaughtRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeCaughtRequest"];
                };
            };
        };
    };
    listChannels: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                kind?: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin";
                limit?: number;
                /** @description Only those that are paused, or that their provider refuses */
                troubled?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Channel"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createChannel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example acc_01h455vb4pex5vsknk084sn02q */
                    account_id?: string;
                    credentials?: {
                        access_token?: string;
                        account_sid?: string;
                        app_secret?: string;
                        auth_token?: string;
                    };
                    /** @description The address at the provider: the Page's id, the Instagram account's id, WhatsApp's `phone_number_id`, the Twilio number in E.164. */
                    external_id: string;
                    /** @description Which of its account's channels of this kind sends when none is named. */
                    is_default?: boolean;
                    /** @enum {string} */
                    kind: "messenger" | "instagram" | "whatsapp" | "sms" | "webchat" | "email" | "linkedin";
                    /**
                     * @description Instagram only: whose login gave the token. `facebook`, the default, is the token of a Page for graph.facebook.com; `instagram` is an Instagram user's for graph.instagram.com.
                     * @enum {string}
                     */
                    login?: "facebook" | "instagram";
                    messaging_service_sid?: string;
                    name: string;
                    settings?: components["schemas"]["SettingsChange"];
                    waba_id?: string;
                };
            };
        };
        responses: {
            /** @description The channel. Its credentials are never shown. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewChannel"];
                };
            };
        };
    };
    getChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channel. Its credentials are never shown. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    deleteChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Disconnected. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What is left out stays; null takes it away. */
                    credentials?: {
                        access_token?: string | null;
                        account_sid?: string | null;
                        app_secret?: string | null;
                        auth_token?: string | null;
                    };
                    is_default?: boolean;
                    /** @enum {string} */
                    login?: "facebook" | "instagram";
                    name?: string;
                    settings?: components["schemas"]["SettingsChange"];
                    waba_id?: string | null;
                };
            };
        };
        responses: {
            /** @description The channel. Its credentials are never shown. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    checkChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelCheck"];
                };
            };
        };
    };
    listFileLimits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["FileLimit"][];
                    };
                };
            };
        };
    };
    connectPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example acc_01h455vb4pex5vsknk084sn02q */
                    account_id?: string;
                    /**
                     * @description Connect the Instagram account that belongs to the Page too
                     * @default false
                     */
                    instagram?: boolean;
                    name?: string;
                    page_id: string;
                    /** @description Of Facebook Login; an hour is enough */
                    user_access_token: string;
                };
            };
        };
        responses: {
            /** @description The channels. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Channel"][];
                    };
                };
            };
        };
    };
    connectWhatsapp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example acc_01h455vb4pex5vsknk084sn02q */
                    account_id?: string;
                    /** @description What the signup came back with; good for a moment */
                    code: string;
                    name?: string;
                    phone_number_id: string;
                    /** @description The number's two-step verification from now on */
                    pin?: string;
                    waba_id: string;
                };
            };
        };
        responses: {
            /** @description The channel. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    listContacts: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Contact"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The contact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Contact"];
                };
            };
        };
    };
    listConversations: {
        parameters: {
            query?: {
                channel_id?: string;
                contact_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                order?: "created" | "activity";
                /** @description A part of a name, of an address or of a ticket's reference */
                q?: string;
                status?: "open" | "escalated" | "closed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Conversation"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    listConversationMessages: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Message"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                endpoint_id?: string;
                event_id?: string;
                limit?: number;
                /** @description Any id: of a delivery, an event, an endpoint, a conversation, a channel */
                q?: string;
                since?: string;
                /** @description Types and prefixes, with commas between them */
                type?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    countDeadLetterCauses: {
        parameters: {
            query?: {
                /** @description Each endpoint's causes apart */
                by?: "endpoint";
                endpoint_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The causes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterCauses"];
                };
            };
        };
    };
    replayDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeadLetterReplay"];
            };
        };
        responses: {
            /** @description How many, and the job that replays them. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                endpoint_id?: string;
                event_id?: string;
                limit?: number;
                /** @description Any id: of a delivery, an event, an endpoint, a conversation, a channel */
                q?: string;
                since?: string;
                state?: "pending" | "delivered" | "dead" | "cancelled";
                /** @description Types and prefixes, with commas between them */
                type?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryDetail"];
                };
            };
        };
    };
    replayDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it came to, and the delivery as it stands now. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayedDelivery"];
                };
            };
        };
    };
    getDeliveryShadow: {
        parameters: {
            query?: {
                /** @description The endpoint's `shadow_dialect` when absent */
                dialect?: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both bodies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shadow"];
                };
            };
        };
    };
    exportDeliveries: {
        parameters: {
            query?: {
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                endpoint_id?: string;
                event_id?: string;
                format?: "csv" | "ndjson";
                /** @description Any id: of a delivery, an event, an endpoint, a conversation, a channel */
                q?: string;
                since?: string;
                state?: "pending" | "delivered" | "dead" | "cancelled";
                /** @description Types and prefixes, with commas between them */
                type?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
        };
    };
    listDialects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Dialect"][];
                    };
                };
            };
        };
    };
    previewRequest: {
        parameters: {
            query?: {
                /** @description Names, with commas between */
                custom_fields?: string;
                /** @description A type, or one of the dialect's own names; without it, its first */
                type?: string;
                url?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request, and whether the address may be reached. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestPreview"];
                };
            };
        };
    };
    diagnoseSignature: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignedRequest"];
            };
        };
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Diagnosis"];
                };
            };
        };
    };
    listEndpoints: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                state?: "pending" | "enabled" | "disabled" | "paused";
                /** @description Only those that fail now, wait to be verified, are paused, or were disabled for failing */
                troubled?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Endpoint"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointDraft"];
            };
        };
        responses: {
            /** @description The endpoint. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewEndpoint"];
                };
            };
        };
    };
    getEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
        };
    };
    deleteEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointPatch"];
            };
        };
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
        };
    };
    disableEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
        };
    };
    examineEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each request, and whether the endpoint did with it as it should. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointExamination"];
                };
            };
        };
    };
    enableEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint, what waits for it and comes by itself, and what it has missed and can be sent again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReturnedEndpoint"];
                };
            };
        };
    };
    getEndpointHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its health. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointHealth"];
                };
            };
        };
    };
    pauseEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Endpoint"];
                };
            };
        };
    };
    listEndpointPublicKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EndpointPublicKey"][];
                    };
                };
            };
        };
    };
    replayEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointReplay"];
            };
        };
        responses: {
            /** @description How many, and the job that replays them. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    resumeEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint, what waits for it and comes by itself, and what it has missed and can be sent again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReturnedEndpoint"];
                };
            };
        };
    };
    revealEndpointSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The one that signs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSecret"];
                };
            };
        };
    };
    rotateEndpointSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SecretRotation"];
            };
        };
        responses: {
            /** @description The endpoint with the stages of its secrets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedEndpoint"];
                };
            };
        };
    };
    testEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EndpointTestRequest"];
            };
        };
        responses: {
            /** @description What was sent, and what came back. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointTest"];
                };
            };
        };
    };
    verifyEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint, and what came of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifiedEndpoint"];
                };
            };
        };
    };
    listEventTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EventType"][];
                    };
                };
            };
        };
    };
    getEventType: {
        parameters: {
            query?: {
                dialect?: "curlew" | "chatgenius" | "chatmefy" | "dmtolead" | "genesy";
            };
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventTypeDetail"];
                };
            };
        };
    };
    putEventType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventTypeDraft"];
            };
        };
        responses: {
            /** @description The type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventTypeDetail"];
                };
            };
        };
    };
    deleteEventType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                account_id?: string;
                /** @description An event's id or `next_cursor`, to go on after it; `start` for the oldest that is kept, `now` for what comes */
                after?: string;
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                /** @description What became of a message: all events that tell of it */
                message_id?: string;
                since?: string;
                /** @description Types and prefixes, with commas between them */
                type?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ListedEvent"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    publishEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description For a single event, instead of `idempotency_key`. Kept for a day. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEvent"] | components["schemas"]["NewEvent"][];
            };
        };
        responses: {
            /** @description Kept, and on its way to every endpoint that wants it. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The idempotency key was used before: this is the event that it made then */
                        duplicate: boolean;
                        /** @example evt_01h455vb4pex5vsknk084sn02q */
                        id: string;
                        /** @description Absent where there are none. Types of your own that look like another one: they are kept as they are */
                        warnings?: components["schemas"]["Warning"][];
                    } | {
                        data: {
                            /** @description The idempotency key was used before: this is the event that it made then */
                            duplicate: boolean;
                            /** @example evt_01h455vb4pex5vsknk084sn02q */
                            id: string;
                        }[];
                        /** @description Absent where there are none. Types of your own that look like another one: they are kept as they are */
                        warnings?: components["schemas"]["Warning"][];
                    };
                };
            };
        };
    };
    getEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetail"];
                };
            };
        };
    };
    expungeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was expunged. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExpungedEvent"];
                };
            };
        };
    };
    explainEvent: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                endpoint_id?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every endpoint, in the order in which they were made. One that had been deleted by then, or was made later and is deleted, is shown to whoever asks for it by `endpoint_id`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Why"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    readHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every entry. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    listInvitations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Invitation"][];
                    };
                };
            };
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: email */
                    email: string;
                    /** @enum {string} */
                    role: "owner" | "developer" | "agent" | "read_only";
                };
            };
        };
        responses: {
            /** @description The invitation. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"] & {
                        /** @description Shown only here. It counts once, for a week. */
                        token: string;
                    };
                };
            };
        };
    };
    withdrawInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    stopJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    readLedger: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                endpoint_id?: string;
                from?: string;
                limit?: number;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, the newest day first, and the totals. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ledger"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    uploadMedia: {
        parameters: {
            query?: {
                /** @description What the customer is shown, where the channel shows it */
                filename?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description The file is here. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFile"];
                };
            };
        };
    };
    deleteMedia: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listMembers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Member"][];
                    };
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    role: "owner" | "developer" | "agent" | "read_only";
                };
            };
        };
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                direction?: "inbound" | "outbound";
                limit?: number;
                since?: string;
                status?: "queued" | "sending" | "unconfirmed" | "sent" | "delivered" | "read" | "played" | "failed" | "received";
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Message"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    cancelMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message, which has failed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    listPlans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Plan"][];
                    };
                };
            };
        };
    };
    putPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description How many endpoints a workspace may have; null for any number */
                    endpoints: number | null;
                    features: ("webhooks" | "send" | "sms" | "whatsapp")[];
                    /**
                     * @description How many SMS it may send in a calendar month (UTC); null for any number
                     * @default null
                     */
                    sms_per_month?: number | null;
                    title: string;
                };
            };
        };
        responses: {
            /** @description The plan. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
        };
    };
    deletePlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readQueue: {
        parameters: {
            query?: {
                endpoint_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the queue stands. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
        };
    };
    sendMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 visible characters. The same key and body send nothing twice. */
                "idempotency-key"?: string;
                /** @description `respond-async` answers 202 as soon as the message is kept */
                prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendRequest"];
            };
        };
        responses: {
            /** @description The provider has the message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
            /** @description The message is kept and on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
        };
    };
    readSeries: {
        parameters: {
            query?: {
                /** @description A point for each endpoint that had something, at most 60 points in time */
                by?: "endpoint";
                endpoint_id?: string;
                from?: string;
                /** @description `minute` for the last three hours. Minutes are counted from the log: where it holds too many events for that, ask for a shorter time or for hours */
                step?: "minute" | "hour" | "day";
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every point in order; with `by`, those without anything are left out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
        };
    };
    getServer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    updateSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsChange"];
            };
        };
        responses: {
            /** @description The settings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    getSimulator: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The simulator. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulator"];
                };
            };
        };
    };
    createSimulatedChannel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example acc_01h455vb4pex5vsknk084sn02q */
                    account_id?: string;
                    /** @enum {string} */
                    kind: "whatsapp" | "instagram" | "messenger" | "sms";
                    name?: string;
                };
            };
        };
        responses: {
            /** @description The channel. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    actAsCustomer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CustomerAct"];
            };
        };
        responses: {
            /** @description What the phone shows of it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneEntry"];
                };
            };
        };
    };
    readPhone: {
        parameters: {
            query?: {
                customer_id?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The phone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["PhoneEntry"][];
                    };
                };
            };
        };
    };
    setSimulatorFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default false */
                    deliver_twice?: boolean;
                    /** @default false */
                    lose_answers?: boolean;
                    /** @default false */
                    out_of_order?: boolean;
                    /** @default false */
                    wrong_signature?: boolean;
                };
            };
        };
        responses: {
            /** @description The faults. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimulatorFaults"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                account_id?: string;
                /** @description An event's id or `next_cursor`, to go on after it; `start` for the oldest that is kept, `now` for what comes */
                after?: string;
                /** @description Kinds and ids of channels, with commas between them */
                channel?: string;
                conversation_id?: string;
                /** @description Types and prefixes, with commas between them */
                type?: string;
            };
            header?: {
                /** @description An event's id or `next_cursor`, to go on after it; `start` for the oldest that is kept, `now` for what comes */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listTemplates: {
        parameters: {
            query?: {
                channel_id?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                name?: string;
                refresh?: "true" | "false";
                status?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Template"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listUnroutable: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
                reason?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Unroutable"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
        };
    };
    listWorkspaces: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Workspace"][];
                        has_more: boolean;
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    createWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it has beyond its plan */
                    add_ons?: ("webhooks" | "send" | "sms" | "whatsapp")[];
                    name: string;
                    /** @description One of `GET /v1/plans` */
                    plan?: string;
                    /**
                     * Format: date-time
                     * @description From then on endpoints are paused with their queue and nothing can be sent
                     * @example 2026-11-21T10:00:00Z
                     */
                    trial_ends_at?: string | null;
                };
            };
        };
        responses: {
            /** @description The workspace. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
        };
    };
    getWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workspace. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
        };
    };
    deleteWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Closed: nothing reaches it and nothing leaves it. The job belongs to the workspace that this request acts on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example job_01h455vb4pex5vsknk084sn02q */
                        job_id: string;
                    };
                };
            };
        };
    };
    updateWorkspace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it has beyond its plan */
                    add_ons?: ("webhooks" | "send" | "sms" | "whatsapp")[];
                    name?: string;
                    /** @description One of `GET /v1/plans` */
                    plan?: string;
                    /**
                     * Format: date-time
                     * @description From then on endpoints are paused with their queue and nothing can be sent
                     * @example 2026-11-21T10:00:00Z
                     */
                    trial_ends_at?: string | null;
                };
            };
        };
        responses: {
            /** @description The workspace. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workspace"];
                };
            };
        };
    };
}
