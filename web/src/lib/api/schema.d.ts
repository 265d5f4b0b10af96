// Written by npm run gen from the server's openapi.json. Do not edit.
export interface paths {
    "/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all agents */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageAgent"];
                    };
                };
            };
        };
        put?: never;
        /** Add an agent */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewAgentInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Agent"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change an agent */
        patch: {
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
                    "application/json": components["schemas"]["AgentPatchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Agent"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/agents/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set an agent's password and end their sessions */
        post: {
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
                    "application/json": components["schemas"]["PasswordInputBody"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Upload a file for a message or draft */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "multipart/form-data": {
                        /** Format: binary */
                        file: string;
                    };
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Attachment"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/attachments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file */
        get: {
            parameters: {
                query?: {
                    inline?: boolean;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/authorities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who may give how much */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuthorityList"];
                    };
                };
            };
        };
        /** Set who may give how much */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Put-authoritiesRequest"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuthorityList"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/brands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all brands */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageBrand"];
                    };
                };
            };
        };
        put?: never;
        /** Make a brand */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewBrandInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Brand"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/brands/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a brand */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Brand"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change a brand */
        patch: {
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
                    "application/json": components["schemas"]["BrandPatchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Brand"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List recovery cases */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    state?: string;
                    severity?: number;
                    ownerId?: string;
                    overdue?: boolean;
                    brandId?: string;
                    conversationId?: string;
                    customerId?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageCase"];
                    };
                };
            };
        };
        put?: never;
        /** Open a case by hand */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewCaseInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The open cases by state */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    ownerId?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Board"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a case with its steps, promises, remedies and story */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the owner, the severity's inputs, the cause or the measure */
        patch: {
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
                    "application/json": components["schemas"]["CasePatch"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/cases/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End our work; 422 names each missing part of the gate */
        post: {
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
                    "application/json": components["schemas"]["CloseInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write to the customer in the case's conversation */
        post: {
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
                    "application/json": components["schemas"]["CaseMessageInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Message"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/promises": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep a promise made to the customer */
        post: {
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
                    "application/json": components["schemas"]["NewWords"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Promise"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/promises/{pid}/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that a promise was kept */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    pid: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Promise"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/promises/{pid}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an open promise back */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    pid: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/remedies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Offer a remedy: approved within the caller's authority, else proposed to the next role up */
        post: {
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
                    "application/json": components["schemas"]["NewRemedyInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Remedy"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/remedies/{rid}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve somebody else's proposal */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    rid: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Remedy"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/remedies/{rid}/deliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that the customer has it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    rid: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Remedy"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/remedies/{rid}/forgo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do without a remedy that the customer does not have yet */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    rid: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ForgoInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Remedy"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/remedies/{rid}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide against a proposal */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    rid: string;
                };
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["RefuseInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Remedy"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a case up again: the recovery failed */
        post: {
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
                    "application/json": components["schemas"]["ReasonInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/steps/{stepId}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish the present step with what shows that it was done */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    stepId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["StepInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/steps/{stepId}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leave the present step out, for a reason */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    stepId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SkipInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/take": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take on the present step: it is escalated no more */
        post: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CaseFull"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the ways of talking, with their settings and what fits through them */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageChannel"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact-points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the contact points of all brands, in their order */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageContactPoint"];
                    };
                };
            };
        };
        put?: never;
        /** Add a contact point */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ContactBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ContactPoint"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact-points/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Replace a contact point */
        put: {
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
                    "application/json": components["schemas"]["ContactInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ContactPoint"];
                    };
                };
            };
        };
        post?: never;
        /** Remove a contact point */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List conversations */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    view?: string;
                    status?: string;
                    inboxId?: string;
                    assigneeId?: string;
                    customerId?: string;
                    tagId?: string;
                    priority?: string;
                    sort?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageConversation"];
                    };
                };
            };
        };
        put?: never;
        /** Write to somebody first */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Post-conversationsRequest"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Conversation"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change several conversations at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Post-conversations-bulkRequest"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageConversation"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count what needs somebody */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Counts"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a conversation */
        get: {
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
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change status, assignment, priority, tags or subject */
        patch: {
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
                    "application/json": components["schemas"]["ConversationPatch"];
                };
            };
            responses: {
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
        trace?: never;
    };
    "/conversations/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's draft; an empty one of version 0 if there is none */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Draft"];
                    };
                };
            };
        };
        /** Keep the caller's draft */
        put: {
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
                    "application/json": components["schemas"]["DraftInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Draft"];
                    };
                };
            };
        };
        post?: never;
        /** Throw the caller's draft away */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merge into the conversation that its customer goes on with; two customers become one */
        post: {
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
                    "application/json": components["schemas"]["JoinInputBody"];
                };
            };
            responses: {
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
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merge into another conversation; split undoes it */
        post: {
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
                    "application/json": components["schemas"]["IntoInputBody"];
                };
            };
            responses: {
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
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a thread: its latest part, or before or after a cursor */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    before?: string;
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Thread"];
                    };
                };
            };
        };
        put?: never;
        /** Reply to the customer, or leave a note */
        post: {
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
                    "application/json": components["schemas"]["NewMessage"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Message"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Mark as read by the caller */
        put: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/split": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a conversation of its own from a message on */
        post: {
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
                    "application/json": components["schemas"]["SplitInputBody"];
                };
            };
            responses: {
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
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What may be about the same matter */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageSuggestion"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List customers, the last seen first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    q?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageCustomer"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/claims/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget a told address */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OutStruct {}Body"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/claims/{id}/ask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mail the question to a told address whether it is the customer's */
        post: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OutStruct {}Body"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/joins/{id}/part": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make two customers of who was made one; answers with who was taken in */
        post: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Customer"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a customer; a merged one's id gives who took them in */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Customer"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change what we know of a customer */
        patch: {
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
                    "application/json": components["schemas"]["CustomerPatchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Customer"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/customers/{id}/claims": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Note a mail address that a customer told; it is theirs once confirmed */
        post: {
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
                    "application/json": components["schemas"]["TellInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Customer"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make two records of one person one; part takes it back */
        post: {
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
                    "application/json": components["schemas"]["IntoInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Customer"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/customers/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what happened with a customer, newest first */
        get: {
            parameters: {
                query?: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageTimelineItem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/forms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all forms */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageForm"];
                    };
                };
            };
        };
        put?: never;
        /** Make a form */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["FormBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Form"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/forms/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Replace a form */
        put: {
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
                    "application/json": components["schemas"]["FormInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Form"];
                    };
                };
            };
        };
        post?: never;
        /** Remove a form; what came through it stays */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /** Switch a form on or off */
        patch: {
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
                    "application/json": components["schemas"]["FormSwitchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Form"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/inboxes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all inboxes */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageInbox"];
                    };
                };
            };
        };
        put?: never;
        /** Make an inbox */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewInboxInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Inbox"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try settings without storing them or sending mail */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["InboxCheckInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InboxCheck"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an inbox */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Inbox"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Remove an inbox that was never used */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /** Change an inbox */
        patch: {
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
                    "application/json": components["schemas"]["InboxPatch"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Inbox"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/inboxes/{id}/arrival/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The address that leads customers into an inbox, as a QR code */
        get: {
            parameters: {
                query?: {
                    format?: string;
                    words?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look for new mail now */
        post: {
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
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many messages were sent of those that may be */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InboxQuota"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/reception": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a chat asks, says first and answers by itself */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Reception"];
                    };
                };
            };
        };
        /** Set what a chat asks, says first and answers by itself */
        put: {
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
                    "application/json": components["schemas"]["ReceptionDesign"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Reception"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a file of reviews into an open door */
        post: {
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
                    "application/json": components["schemas"]["ReviewsInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ReviewsTaken"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/survey-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an inbox's survey policy */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SurveyPolicy"];
                    };
                };
            };
        };
        /** Set an inbox's survey policy */
        put: {
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
                    "application/json": components["schemas"]["SurveyPolicy"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SurveyPolicy"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The approved texts that can be sent outside the time for answers */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageTemplate"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inboxes/{id}/troubles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget what was wrong with what came in: somebody has looked at it */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inline/{id}/{signature}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture inside a mail, by a signed address */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    signature: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List survey invitations, newest first, those not sent included */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    state?: string;
                    reason?: string;
                    inboxId?: string;
                    brandId?: string;
                    conversationId?: string;
                    customerId?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageInvitation"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List duties by state, oldest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    state?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageJob"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a dead or waiting duty run now */
        post: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys that work */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageKey"];
                    };
                };
            };
        };
        put?: never;
        /** Make an API key; its token is shown once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewKeyInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NewKey"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List every mail that came, newest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    state?: string;
                    inboxId?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageLedgerRow"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/{id}/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a mail as it came */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a quarantined or spam-marked mail in */
        post: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LedgerRow"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell who is signed in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
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
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change my own settings */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["MePatch"];
                };
            };
            responses: {
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
        trace?: never;
    };
    "/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change my password and sign out elsewhere */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["MyPasswordInputBody"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back a message that is still held; returns it as a draft */
        post: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Draft"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A message's HTML, sanitised, as a document for a sandboxed frame */
        get: {
            parameters: {
                query?: {
                    images?: boolean;
                    dark?: boolean;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the mail as it came */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a failed, bounced or ambiguous message once more */
        post: {
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
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's notices, newest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    unread?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Notices"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notices/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Note that the caller has seen all their notices */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notices/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Note that the caller has seen a notice */
        post: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/papers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sizes of labels that can be printed */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PagePaper"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all places with what happened there */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PlacePage"];
                    };
                };
            };
        };
        put?: never;
        /** Make a place */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PlaceBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Place"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Replace what a place is */
        put: {
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
                    "application/json": components["schemas"]["PlaceInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Place"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/{id}/ratings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was said at a place, newest first */
        get: {
            parameters: {
                query?: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageRating"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/{id}/sheet.pdf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stickers to print */
        get: {
            parameters: {
                query?: {
                    stickers?: string[] | null;
                    size?: string;
                    start?: number;
                    copies?: number;
                    lang?: string;
                    marks?: boolean;
                    outline?: boolean;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/places/{id}/stickers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stickers of a place with what happened at them */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageSticker"];
                    };
                };
            };
        };
        put?: never;
        /** Issue stickers */
        post: {
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
                    "application/json": components["schemas"]["IssueInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageSticker"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write down a call, a visit, a letter or a fax */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewRecord"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Conversation"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/csat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Customer satisfaction over a period, with its interval */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Satisfaction"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/loop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The loop of a brand and a period: every figure with its n */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LoopReport"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/loop.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rows that a figure counted, as a spreadsheet */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                    number?: string;
                    only?: string;
                    bom?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/loop/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rows that a figure counted, newest first */
        get: {
            parameters: {
                query: {
                    cursor?: string;
                    limit?: number;
                    brandId?: string;
                    from?: string;
                    to?: string;
                    number: string;
                    only?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageLoopRow"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/places.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened at each sticker, as a spreadsheet */
        get: {
            parameters: {
                query?: {
                    brandId?: string;
                    from?: string;
                    to?: string;
                    bom?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List survey responses, newest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    band?: string;
                    kind?: string;
                    brandId?: string;
                    agentId?: string;
                    conversationId?: string;
                    customerId?: string;
                    from?: string;
                    to?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageResponse"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/responses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a survey response */
        get: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Response"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find messages, conversations and customers, newest first */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    limit?: number;
                    q?: string;
                    kind?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageHit"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SignInInputBody"];
                };
            };
            responses: {
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
        /** Sign out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List my sessions, the last used first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageSession"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Sign out everywhere */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of my sessions */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how far the first run has come */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Setup"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/setup/administrator": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the first administrator and sign in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["AdministratorInputBody"];
                };
            };
            responses: {
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
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stickers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Rename or retire a sticker */
        patch: {
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
                    "application/json": components["schemas"]["StickerPatchBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Sticker"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/stickers/{id}/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The QR code of a sticker as a picture */
        get: {
            parameters: {
                query?: {
                    format?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stickers/{id}/pass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a new pass for a sticker's kiosk; the one before is withdrawn */
        post: {
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
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Sticker"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stickers/{id}/replace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Issue a sticker in the place of another */
        post: {
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
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Sticker"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/surveys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what the customers of each inbox are asked */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageSurvey"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all tags */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageTag"];
                    };
                };
            };
        };
        put?: never;
        /** Make a tag */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewTagInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Tag"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tags/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a tag from everywhere */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /** Change a tag */
        patch: {
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
                    "application/json": components["schemas"]["TagPatchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Tag"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all teams */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PageTeam"];
                    };
                };
            };
        };
        put?: never;
        /** Make a team */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewTeamInputBody"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Team"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/teams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a team */
        delete: {
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
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /** Change a team */
        patch: {
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
                    "application/json": components["schemas"]["TeamPatchInputBody"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Team"];
                    };
                };
            };
        };
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Addr: {
            address: string;
            name?: string;
        };
        AdministratorInputBody: {
            email: string;
            /** @enum {string} */
            locale?: "ja" | "en" | "";
            name: string;
            password: string;
            token: string;
        };
        Agent: {
            active: boolean;
            /** Format: int64 */
            avatarHue: number;
            /** Format: date-time */
            createdAt: string;
            email: string;
            id: string;
            /** @enum {string} */
            locale: "ja" | "en" | "";
            name: string;
            released?: components["schemas"]["Released"];
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
            teams: string[];
            timeZone: string;
        };
        AgentPatchInputBody: {
            active?: boolean;
            name?: string;
            /** @enum {string} */
            role?: "administrator" | "manager" | "agent";
            teams?: string[];
        };
        Arrival: {
            url: string;
            withWords: string;
        };
        Attachment: {
            contentType: string;
            id: string;
            inline: boolean;
            name: string;
            /** Format: int64 */
            size: number;
            /** @enum {string} */
            state: "" | "waiting" | "gone" | "large";
        };
        Author: {
            id: string;
            /** @enum {string} */
            kind: "customer" | "agent" | "system" | "rule" | "key";
            name: string;
        };
        Authority: {
            currency: string;
            /** Format: int64 */
            limit: number;
            /** Format: int64 */
            periodLimit: number;
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
            /** @enum {string} */
            type: "apology" | "refund" | "exchange" | "redo" | "credit";
        };
        AuthorityList: {
            items: components["schemas"]["Authority"][];
            next?: string;
            /** Format: int64 */
            version: number;
        };
        Board: {
            columns: components["schemas"]["BoardColumn"][];
        };
        BoardColumn: {
            items: components["schemas"]["Case"][];
            state: string;
            /** Format: int64 */
            total: number;
        };
        Brand: {
            /** @example #8a6a1f */
            color: string;
            /** Format: date-time */
            createdAt: string;
            hours: components["schemas"]["Hours"];
            id: string;
            /** @enum {string} */
            locale: "ja" | "en";
            name: string;
            /** @example Asia/Tokyo */
            timeZone: string;
        };
        BrandPatchInputBody: {
            color?: string;
            hours?: components["schemas"]["Hours"];
            /** @enum {string} */
            locale?: "ja" | "en";
            name?: string;
            timeZone?: string;
        };
        Case: {
            brandId: string;
            cause: components["schemas"]["Cause"];
            closeReason: string;
            /** Format: date-time */
            closedAt: string | null;
            /** Format: date-time */
            confirmedAt: string | null;
            conversationId: string;
            customer: components["schemas"]["CustomerRef"];
            /** Format: date-time */
            customerInformedAt: string | null;
            doubleDeviation: boolean;
            /** Format: date-time */
            dueAt: string | null;
            id: string;
            inputs: components["schemas"]["CaseInputs"];
            measure: components["schemas"]["Measure"];
            /** Format: date-time */
            openedAt: string;
            /** @enum {string|null} */
            outcome: "recovered" | "not_recovered" | "unreachable" | "declined" | "no_fault" | null;
            overdue: boolean;
            ownerId: string | null;
            playbook: components["schemas"]["PlaybookRef"];
            /** Format: int64 */
            ref: number;
            /** Format: int64 */
            round: number;
            /** Format: int64 */
            scoreAfter: number | null;
            /** Format: int64 */
            scoreBefore: number | null;
            /** Format: int64 */
            severity: number;
            source: components["schemas"]["CaseSource"];
            /** @enum {string} */
            state: "detected" | "reopened" | "acknowledged" | "assessed" | "owner_contacted" | "diagnosed" | "plan_agreed" | "remedy_delivered" | "followed_up" | "surveyed" | "closed";
            subject: string;
            /** Format: int64 */
            version: number;
        };
        CaseFull: {
            brandId: string;
            cause: components["schemas"]["Cause"];
            closeReason: string;
            /** Format: date-time */
            closedAt: string | null;
            /** Format: date-time */
            confirmedAt: string | null;
            conversationId: string;
            customer: components["schemas"]["CustomerRef"];
            /** Format: date-time */
            customerInformedAt: string | null;
            doubleDeviation: boolean;
            /** Format: date-time */
            dueAt: string | null;
            id: string;
            inputs: components["schemas"]["CaseInputs"];
            measure: components["schemas"]["Measure"];
            /** Format: date-time */
            openedAt: string;
            /** @enum {string|null} */
            outcome: "recovered" | "not_recovered" | "unreachable" | "declined" | "no_fault" | null;
            overdue: boolean;
            ownerId: string | null;
            playbook: components["schemas"]["PlaybookRef"];
            promises: components["schemas"]["Promise"][];
            /** Format: int64 */
            ref: number;
            remedies: components["schemas"]["Remedy"][];
            /** Format: int64 */
            round: number;
            /** Format: int64 */
            scoreAfter: number | null;
            /** Format: int64 */
            scoreBefore: number | null;
            /** Format: int64 */
            severity: number;
            source: components["schemas"]["CaseSource"];
            /** @enum {string} */
            state: "detected" | "reopened" | "acknowledged" | "assessed" | "owner_contacted" | "diagnosed" | "plan_agreed" | "remedy_delivered" | "followed_up" | "surveyed" | "closed";
            steps: components["schemas"]["CaseStep"][];
            story: components["schemas"]["StoryRow"][];
            subject: string;
            /** Format: int64 */
            version: number;
        };
        CaseInputs: {
            doubleDeviation: boolean;
            firmResponsible: boolean;
            /** Format: int64 */
            harm: number;
            points: components["schemas"]["CasePoint"][];
            public: boolean;
            recurring: boolean;
            relationship: boolean;
            /** Format: int64 */
            score: number | null;
            strongAnger: boolean;
            vulnerable: boolean;
        };
        CaseMessageInputBody: {
            attachmentIds?: string[] | null;
            bcc?: components["schemas"]["Addr"][] | null;
            cc?: components["schemas"]["Addr"][] | null;
            html?: string;
            promise?: components["schemas"]["NewWords"];
            replyAll?: boolean;
            replyTo?: string;
            resolve?: boolean;
            stepId?: string;
            text?: string;
            to?: components["schemas"]["Addr"][] | null;
        };
        CasePatch: {
            cause?: components["schemas"]["Cause"];
            inputs?: components["schemas"]["InputsPatch"];
            measure?: components["schemas"]["Measure"];
            ownerId?: string | null;
            /** Format: int64 */
            version?: number;
        };
        CasePoint: {
            key: string;
            /** Format: int64 */
            points: number;
        };
        CaseSource: {
            id: string;
            /** @enum {string} */
            kind: "response" | "tag" | "manual";
            label: string;
        };
        CaseStep: {
            /** Format: date-time */
            doneAt: string | null;
            doneBy: components["schemas"]["Author"];
            /** Format: date-time */
            dueAt: string | null;
            /** Format: int64 */
            escalation: number;
            evidence: components["schemas"]["Evidence"];
            guide: string;
            id: string;
            key: string;
            overdue: boolean;
            /** Format: int64 */
            position: number;
            /** @enum {string} */
            state: "waiting" | "active" | "done" | "skipped";
            takenBy: string | null;
            title: string;
        };
        Cause: {
            /** @enum {string} */
            category: "product" | "delivery" | "system" | "process" | "people" | "communication" | "billing" | "policy" | "partner" | "other";
            /** @enum {string} */
            locus?: "firm" | "partner" | "outside" | "customer" | "";
            /** @enum {string} */
            stability?: "once" | "recurring" | "";
            text: string;
        };
        Channel: {
            address: string;
            can: components["schemas"]["ChannelCan"];
            checks: boolean;
            fields: components["schemas"]["ChannelField"][];
            hook: boolean;
            id: string;
            label: string;
            lead: string;
            numbers: boolean;
            point: string;
            starts: boolean;
            steps: string[];
        };
        ChannelCan: {
            /** Format: int64 */
            choices: number;
            /** @enum {string} */
            cost: "" | "message" | "quota";
            /** Format: int64 */
            files: number;
            media: components["schemas"]["ChannelMedia"][];
            noMedia: boolean;
            oneToOne: boolean;
            /** Format: int64 */
            parts: number;
            plain: boolean;
            public: boolean;
            receipts: boolean;
            templates: boolean;
            /** Format: int64 */
            text: number;
            typing: boolean;
            /** @enum {string} */
            unit: "" | "utf16" | "bytes";
            /** Format: int64 */
            window: number;
        };
        ChannelChoice: {
            label: string;
            value: string;
        };
        ChannelField: {
            advanced: boolean;
            choices: components["schemas"]["ChannelChoice"][];
            default: string;
            hint: string;
            /** @enum {string} */
            input: "text" | "secret" | "long" | "url" | "number" | "switch" | "choice" | "list";
            label: string;
            name: string;
            required: boolean;
        };
        ChannelMedia: {
            /** Format: int64 */
            max: number;
            name: string;
            types: string[];
        };
        CheckStep: {
            name: string;
            ok: boolean;
            text: string;
        };
        CheckSteps: {
            ok: boolean;
            steps: components["schemas"]["CheckStep"][];
        };
        Claim: {
            address: string;
            /** Format: date-time */
            askedAt: string | null;
            id: string;
            /** Format: date-time */
            toldAt: string;
            /** Format: date-time */
            until: string | null;
        };
        CloseInputBody: {
            followUp: boolean;
            /** @enum {string} */
            outcome?: "not_recovered" | "unreachable" | "declined" | "no_fault" | "recovered" | "";
            reason?: string;
        };
        ContactBody: {
            access?: ("relay" | "sign" | "writing" | "wheelchair" | "plain")[];
            active: boolean;
            always?: boolean;
            brandId: string;
            cost?: components["schemas"]["FormWords"];
            hours?: components["schemas"]["Hours"];
            inboxId?: string;
            /** @enum {string} */
            kind: "phone" | "mail" | "form" | "chat" | "social" | "shop" | "post" | "fax";
            label?: components["schemas"]["FormWords"];
            languages?: string[];
            note?: components["schemas"]["FormWords"];
            /** Format: int64 */
            position?: number;
            printedOn?: string;
            url?: string;
            value?: string;
        };
        ContactHealth: {
            lastError: string;
            /** Format: date-time */
            lastErrorAt: string | null;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /** @enum {string} */
            state: "ok" | "failing" | "idle";
        };
        ContactInputBody: {
            access?: ("relay" | "sign" | "writing" | "wheelchair" | "plain")[];
            active: boolean;
            always?: boolean;
            brandId: string;
            cost?: components["schemas"]["FormWords"];
            hours?: components["schemas"]["Hours"];
            inboxId?: string;
            /** @enum {string} */
            kind: "phone" | "mail" | "form" | "chat" | "social" | "shop" | "post" | "fax";
            label?: components["schemas"]["FormWords"];
            languages?: string[];
            note?: components["schemas"]["FormWords"];
            /** Format: int64 */
            position?: number;
            printedOn?: string;
            url?: string;
            value?: string;
            /** Format: int64 */
            version?: number;
        };
        ContactPoint: {
            access?: ("relay" | "sign" | "writing" | "wheelchair" | "plain")[];
            active: boolean;
            always?: boolean;
            brandId: string;
            cost?: components["schemas"]["FormWords"];
            /** @enum {string} */
            costClass: "free" | "navi" | "ip" | "mobile" | "landline" | "abroad" | "";
            hours?: components["schemas"]["Hours"];
            id: string;
            inboxId?: string;
            /** @enum {string} */
            kind: "phone" | "mail" | "form" | "chat" | "social" | "shop" | "post" | "fax";
            label?: components["schemas"]["FormWords"];
            languages?: string[];
            note?: components["schemas"]["FormWords"];
            pageUrl: string;
            /** Format: int64 */
            position?: number;
            printedOn?: string;
            url?: string;
            value?: string;
            /** Format: int64 */
            version: number;
        };
        Conversation: {
            assigneeId: string | null;
            brandId: string;
            caseId: string | null;
            /** Format: date-time */
            createdAt: string;
            customer: components["schemas"]["CustomerRef"];
            id: string;
            inboxId: string;
            last: components["schemas"]["EventView"];
            /** Format: date-time */
            lastMessageAt: string;
            /** @enum {string} */
            lastMessageFrom: "customer" | "agent" | "";
            /** Format: int64 */
            messageCount: number;
            muted: boolean;
            preview: string;
            /** @enum {string} */
            priority: "low" | "normal" | "high" | "urgent";
            /** Format: int64 */
            ref: number;
            /** Format: date-time */
            resolvedAt: string | null;
            score: components["schemas"]["ScoreOfContact"];
            /** Format: date-time */
            snoozedUntil: string | null;
            /** @enum {string} */
            status: "open" | "pending" | "snoozed" | "resolved" | "closed";
            subject: string;
            tags: string[];
            teamId: string | null;
            unread: boolean;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            waitingSince: string | null;
        };
        ConversationPatch: {
            assigneeId?: string | null;
            inboxId?: string;
            /** @enum {string} */
            priority?: "low" | "normal" | "high" | "urgent";
            /** Format: date-time */
            snoozedUntil?: string | null;
            /** @enum {string} */
            status?: "open" | "pending" | "snoozed" | "resolved" | "closed";
            subject?: string;
            tags?: string[];
            teamId?: string | null;
            /** Format: int64 */
            version?: number;
        };
        Counts: {
            inboxes: {
                [key: string]: number;
            };
            statuses: {
                [key: string]: number;
            };
            views: {
                [key: string]: number;
            };
        };
        Customer: {
            claims: components["schemas"]["Claim"][];
            counts: components["schemas"]["CustomerCounts"];
            /** Format: date-time */
            createdAt: string;
            hoursFrom: string;
            hoursTo: string;
            id: string;
            joins: components["schemas"]["CustomerJoin"][];
            /** Format: date-time */
            lastSeenAt: string | null;
            /** @enum {string} */
            locale: "ja" | "en" | "";
            name: string;
            note: string;
            organization: string;
            points: components["schemas"]["Point"][];
            prefers: string;
            /** Format: int64 */
            version: number;
        };
        CustomerCounts: {
            /** Format: int64 */
            cases: number;
            /** Format: int64 */
            conversations: number;
            /** Format: int64 */
            responses: number;
        };
        CustomerJoin: {
            agentId: string | null;
            /** Format: date-time */
            at: string;
            fromId: string;
            id: string;
            name: string;
            proven: boolean;
        };
        CustomerPatchInputBody: {
            hoursFrom?: string;
            hoursTo?: string;
            /** @enum {string} */
            locale?: "ja" | "en" | "";
            name?: string;
            note?: string;
            organization?: string;
            prefers?: string;
            /** Format: int64 */
            version?: number;
        };
        CustomerRef: {
            address: string;
            id: string;
            name: string;
        };
        DKIMWrite: {
            domain?: string;
            key?: string;
            selector?: string;
        };
        DeliveryView: {
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            attempts: number;
            /** Format: date-time */
            deliveredAt: string | null;
            error: string;
            /** Format: date-time */
            holdUntil: string | null;
            /** Format: date-time */
            readAt: string | null;
            /** @enum {string} */
            state: "held" | "queued" | "sending" | "sent" | "failed" | "ambiguous" | "bounced" | "cancelled";
        };
        Draft: {
            attachments: components["schemas"]["Attachment"][];
            bcc: components["schemas"]["Addr"][];
            cc: components["schemas"]["Addr"][];
            choices: string[];
            conversationId: string;
            html: string;
            /** @enum {string} */
            kind: "reply" | "note";
            text: string;
            to: components["schemas"]["Addr"][];
            /** Format: date-time */
            updatedAt: string | null;
            /** Format: int64 */
            version: number;
        };
        DraftInputBody: {
            attachmentIds?: string[] | null;
            bcc?: components["schemas"]["Addr"][] | null;
            cc?: components["schemas"]["Addr"][] | null;
            choices?: string[] | null;
            html?: string;
            /** @enum {string} */
            kind: "reply" | "note";
            text?: string;
            to?: components["schemas"]["Addr"][] | null;
            /** Format: int64 */
            version?: number;
        };
        ErrorDetail: {
            location?: string;
            message?: string;
            value?: unknown;
        };
        ErrorModel: {
            /** @example Property foo is required but is missing. */
            detail?: string;
            errors?: components["schemas"]["ErrorDetail"][] | null;
            /**
             * Format: uri
             * @example https://example.com/error-log/abc123
             */
            instance?: string;
            /**
             * Format: int64
             * @example 400
             */
            status?: number;
            /** @example Bad Request */
            title?: string;
            /**
             * Format: uri
             * @default about:blank
             * @example https://example.com/errors/example
             */
            type: string;
        };
        EventView: {
            data: {
                [key: string]: string;
            };
            name: string;
        };
        Evidence: {
            link?: string;
            messageId?: string;
            text?: string;
        };
        ForgoInputBody: {
            reason: string;
        };
        Form: {
            active: boolean;
            asksFiles: boolean;
            fields: components["schemas"]["FormField"][];
            id: string;
            inboxId: string;
            intro: components["schemas"]["FormWords"];
            /** @enum {string} */
            kind: "contact" | "complaint";
            origins: string[];
            slug: string;
            thanks: components["schemas"]["FormWords"];
            title: components["schemas"]["FormWords"];
            url: string;
            /** Format: int64 */
            version: number;
        };
        FormBody: {
            active?: boolean;
            asksFiles?: boolean;
            fields: components["schemas"]["FormField"][];
            inboxId: string;
            intro?: components["schemas"]["FormWords"];
            /** @enum {string} */
            kind: "contact" | "complaint";
            origins?: string[];
            slug: string;
            thanks?: components["schemas"]["FormWords"];
            title: components["schemas"]["FormWords"];
        };
        FormField: {
            choices: components["schemas"]["FormWords"][];
            label: components["schemas"]["FormWords"];
            name: string;
            required: boolean;
            /** @enum {string} */
            type: "text" | "long" | "choice" | "number" | "date" | "phone" | "order";
        };
        FormFile: {
            ContentType: string;
            Filename: string;
            IsSet: boolean;
            /** Format: int64 */
            Size: number;
        };
        FormInputBody: {
            active?: boolean;
            asksFiles?: boolean;
            fields: components["schemas"]["FormField"][];
            inboxId: string;
            intro?: components["schemas"]["FormWords"];
            /** @enum {string} */
            kind: "contact" | "complaint";
            origins?: string[];
            slug: string;
            thanks?: components["schemas"]["FormWords"];
            title: components["schemas"]["FormWords"];
            /** Format: int64 */
            version: number;
        };
        FormSwitchInputBody: {
            active: boolean;
        };
        FormWords: {
            en: string;
            ja: string;
        };
        Hit: {
            /** Format: date-time */
            at: string;
            conversationId?: string;
            customerName: string;
            highlights: (number[] | null)[];
            id: string;
            /** @enum {string} */
            kind: "message" | "conversation" | "customer";
            /** Format: int64 */
            ref?: number;
            snippet: string;
            title: string;
        };
        Hours: {
            closed?: string[];
            /** @enum {string} */
            holidays?: "jp" | "";
            special?: {
                [key: string]: (string[] | null)[] | null;
            };
            week: {
                [key: string]: (string[] | null)[] | null;
            };
        };
        Inbox: {
            active: boolean;
            address: string;
            aliases: string[];
            arrival: components["schemas"]["Arrival"];
            brandId: string;
            catchAll: boolean;
            dkim: components["schemas"]["InboxDKIM"];
            /** Format: date-time */
            expiresAt: string | null;
            health: components["schemas"]["InboxHealth"];
            hookUrl: string;
            id: string;
            kind: string;
            name: string;
            receive: components["schemas"]["InboxReceive"];
            send: components["schemas"]["InboxSend"];
            senderName: string;
            sends: boolean;
            settings: {
                [key: string]: unknown;
            };
            signature: string;
            stored: string[];
            /** Format: int64 */
            window: number;
        };
        InboxCheck: {
            receive: components["schemas"]["CheckSteps"];
            send: components["schemas"]["CheckSteps"];
        };
        InboxCheckInputBody: {
            inboxId?: string;
            kind?: string;
            receive?: components["schemas"]["ReceiveWrite"];
            send?: components["schemas"]["SendWrite"];
            settings?: {
                [key: string]: unknown;
            };
        };
        InboxDKIM: {
            domain: string;
            hasKey: boolean;
            selector: string;
        };
        InboxHealth: {
            lastError: string;
            /** Format: date-time */
            lastErrorAt: string | null;
            /** Format: date-time */
            lastSuccessAt: string | null;
            receive: components["schemas"]["ContactHealth"];
            send: components["schemas"]["ContactHealth"];
            /** @enum {string} */
            state: "ok" | "failing" | "idle";
            troubles: components["schemas"]["InboxTrouble"][];
        };
        InboxPatch: {
            active?: boolean;
            address?: string;
            aliases?: string[];
            brandId?: string;
            catchAll?: boolean;
            dkim?: components["schemas"]["DKIMWrite"];
            name?: string;
            receive?: components["schemas"]["ReceiveWrite"];
            send?: components["schemas"]["SendWrite"];
            senderName?: string;
            settings?: {
                [key: string]: unknown;
            };
            signature?: string;
        };
        InboxQuota: {
            counted: boolean;
            /** Format: int64 */
            limit: number;
            /** Format: int64 */
            used: number;
        };
        InboxReceive: {
            folders: string[];
            hasPassword: boolean;
            host: string;
            /** @enum {string} */
            mode: "imap" | "smtp" | "none";
            /** Format: int64 */
            port: number;
            /** @enum {string} */
            security: "tls" | "starttls" | "plain" | "";
            since?: string;
            trust?: string;
            username: string;
        };
        InboxSend: {
            hasPassword: boolean;
            host: string;
            /** @enum {string} */
            mode: "smtp" | "none";
            /** Format: int64 */
            port: number;
            /** @enum {string} */
            security: "tls" | "starttls" | "plain" | "";
            trust?: string;
            username: string;
        };
        InboxTrouble: {
            /** Format: date-time */
            firstAt: string;
            /** Format: date-time */
            lastAt: string;
            /** @enum {string} */
            sort: "doubted" | "skewed" | "garbled" | "strange" | "large";
            /** Format: int64 */
            times: number;
            words: string;
        };
        InputsPatch: {
            doubleDeviation?: boolean;
            firmResponsible?: boolean;
            /**
             * Format: int64
             * @enum {integer}
             */
            harm?: 1 | 2 | 3 | 5;
            public?: boolean;
            recurring?: boolean;
            relationship?: boolean;
            strongAnger?: boolean;
            vulnerable?: boolean;
        };
        IntoInputBody: {
            intoId: string;
        };
        Invitation: {
            agentId: string | null;
            brandId: string;
            conversationId: string;
            /** Format: date-time */
            createdAt: string;
            customer: components["schemas"]["CustomerRef"];
            /** Format: date-time */
            expiresAt: string | null;
            id: string;
            inboxId: string;
            /** @enum {string} */
            kind: "csat" | "follow-up";
            reason: string | null;
            /** Format: date-time */
            runAt: string | null;
            /** Format: date-time */
            sentAt: string | null;
            /** @enum {string} */
            state: "planned" | "queued" | "sent" | "answered" | "skipped" | "expired" | "failed";
            teamId: string | null;
        };
        IssueInputBody: {
            labels: string[];
        };
        Job: {
            /** Format: int64 */
            attempt: number;
            /** Format: date-time */
            createdAt: string;
            id: string;
            kind: string;
            lastError: string;
            /** Format: date-time */
            runAt: string;
            /** @enum {string} */
            state: "ready" | "running" | "dead";
            subject: string;
        };
        JoinInputBody: {
            intoId: string;
            sameCustomer?: boolean;
        };
        Key: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: date-time */
            lastUsedAt: string | null;
            name: string;
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
        };
        LedgerRow: {
            /** Format: int64 */
            attempts: number;
            conversationId: string | null;
            externalId: string;
            from: string;
            id: string;
            inboxId: string;
            messageId: string | null;
            reason: string;
            /** Format: date-time */
            receivedAt: string;
            retryable: boolean;
            /** Format: int64 */
            size: number;
            source: string;
            /** @enum {string} */
            state: "linked" | "duplicate" | "auto-reply" | "bounce" | "spam" | "quarantined";
            subject: string;
        };
        LoopCSAT: {
            distribution: number[];
            /** Format: double */
            high: number | null;
            /** Format: double */
            low: number | null;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            numerator: number;
            /** Format: double */
            value: number | null;
        };
        LoopCases: {
            /** Format: int64 */
            closed: number;
            /** Format: int64 */
            open: number;
            /** Format: int64 */
            opened: number;
            /** Format: int64 */
            overdue: number;
        };
        LoopCause: {
            /** Format: int64 */
            count: number;
            /** Format: double */
            cumulative: number;
            key: string;
            label: string;
        };
        LoopCauses: {
            items: components["schemas"]["LoopCause"][];
            /** Format: int64 */
            n: number;
        };
        LoopDurations: {
            business: components["schemas"]["LoopSpread"];
            clock: components["schemas"]["LoopSpread"];
        };
        LoopPassage: {
            /** Format: double */
            high: number | null;
            /** Format: double */
            low: number | null;
            /** Format: double */
            median: number | null;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            open: number;
        };
        LoopPromises: {
            /** Format: int64 */
            broken: number;
            /** Format: double */
            high: number | null;
            /** Format: int64 */
            kept: number;
            /** Format: double */
            low: number | null;
            /** Format: int64 */
            open: number;
            /** Format: int64 */
            total: number;
            /** Format: double */
            value: number | null;
        };
        LoopRecovery: {
            conservative: components["schemas"]["Share"];
            rate: components["schemas"]["Share"];
        };
        LoopReport: {
            brandId: string;
            cases: components["schemas"]["LoopCases"];
            causes: components["schemas"]["LoopCauses"];
            csat: components["schemas"]["LoopCSAT"];
            csatWeeks: components["schemas"]["LoopWeeks"];
            firstResolution: components["schemas"]["LoopDurations"];
            firstResponse: components["schemas"]["LoopDurations"];
            from: string;
            promises: components["schemas"]["LoopPromises"];
            recovery: components["schemas"]["LoopRecovery"];
            repeated: components["schemas"]["Share"];
            resolution: components["schemas"]["LoopDurations"];
            timeToClose: components["schemas"]["LoopPassage"];
            to: string;
            zone: string;
        };
        LoopRow: {
            agent: string;
            /** Format: date-time */
            at: string;
            /** Format: double */
            business?: number;
            caseId: string | null;
            cause?: string;
            conversationId: string | null;
            /** Format: date-time */
            endedAt?: string;
            id: string;
            /** @enum {string} */
            kind: "response" | "conversation" | "case" | "promise";
            /** Format: int64 */
            ref: number;
            /** @enum {string} */
            repeated?: "yes" | "no" | "";
            /** Format: int64 */
            severity?: number;
            text: string;
            title: string;
            value: unknown;
        };
        LoopSpread: {
            /** Format: int64 */
            n: number;
            /** Format: double */
            p50: number | null;
            /** Format: double */
            p90: number | null;
        };
        LoopWeek: {
            /** Format: double */
            center: number | null;
            /** Format: int64 */
            k: number;
            /** Format: double */
            lcl: number | null;
            /** Format: int64 */
            n: number;
            rules: string[];
            signal: boolean;
            start: string;
            /** Format: double */
            ucl: number | null;
            /** Format: double */
            value: number | null;
        };
        LoopWeeks: {
            /** Format: double */
            center: number | null;
            points: components["schemas"]["LoopWeek"][];
            provisional: boolean;
            /** Format: double */
            sigmaZ: number | null;
        };
        Me: {
            active: boolean;
            /** Format: int64 */
            avatarHue: number;
            /** @enum {string} */
            composer: "rich" | "plain";
            /** Format: date-time */
            createdAt: string;
            demo: boolean;
            /** @enum {string} */
            density: "comfortable" | "compact";
            email: string;
            id: string;
            /** @enum {string} */
            locale: "ja" | "en" | "";
            mailServer: string;
            name: string;
            permissions: string[];
            released?: components["schemas"]["Released"];
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
            /** @enum {string} */
            sendKey: "mod-enter" | "enter";
            signature: string;
            teams: string[];
            /** @enum {string} */
            theme: "system" | "light" | "dark";
            timeZone: string;
        };
        MePatch: {
            /** @enum {string} */
            composer?: "rich" | "plain";
            /** @enum {string} */
            density?: "comfortable" | "compact";
            /** @enum {string} */
            locale?: "ja" | "en" | "";
            name?: string;
            /** @enum {string} */
            sendKey?: "mod-enter" | "enter";
            signature?: string;
            /** @enum {string} */
            theme?: "system" | "light" | "dark";
            timeZone?: string;
        };
        Measure: {
            /** Format: date-time */
            dueAt?: string | null;
            text: string;
        };
        Message: {
            /** Format: date-time */
            at: string;
            attachments: components["schemas"]["Attachment"][];
            author: components["schemas"]["Author"];
            automatic: boolean;
            bcc: components["schemas"]["Addr"][];
            cc: components["schemas"]["Addr"][];
            conversationId: string;
            delivery: components["schemas"]["DeliveryView"];
            event: components["schemas"]["EventView"];
            from: components["schemas"]["Addr"];
            hasHtml: boolean;
            hasRaw: boolean;
            id: string;
            /** @enum {string} */
            kind: "incoming" | "outgoing" | "note" | "event";
            lang: string;
            quoted: string;
            /** Format: int64 */
            remoteImages: number;
            replyTo: components["schemas"]["Addr"][];
            subject: string;
            text: string;
            to: components["schemas"]["Addr"][];
        };
        MyPasswordInputBody: {
            current: string;
            new: string;
        };
        NewAgentInputBody: {
            email: string;
            /** @enum {string} */
            locale?: "ja" | "en" | "";
            name: string;
            password?: string;
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
            teams?: string[] | null;
        };
        NewBrandInputBody: {
            color?: string;
            hours?: components["schemas"]["Hours"];
            /** @enum {string} */
            locale: "ja" | "en";
            name: string;
            timeZone: string;
        };
        NewCaseInputBody: {
            conversationId: string;
            /**
             * Format: int64
             * @enum {integer}
             */
            harm: 1 | 2 | 3 | 5;
            reason: string;
        };
        NewInboxInputBody: {
            active?: boolean;
            address?: string;
            aliases?: string[];
            brandId?: string;
            catchAll?: boolean;
            dkim?: components["schemas"]["DKIMWrite"];
            /** @default email */
            kind: string;
            name?: string;
            receive?: components["schemas"]["ReceiveWrite"];
            send?: components["schemas"]["SendWrite"];
            senderName?: string;
            settings?: {
                [key: string]: unknown;
            };
            signature?: string;
        };
        NewKey: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: date-time */
            lastUsedAt: string | null;
            name: string;
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
            token: string;
        };
        NewKeyInputBody: {
            name: string;
            /** @enum {string} */
            role: "administrator" | "manager" | "agent";
        };
        NewMessage: {
            attachmentIds?: string[] | null;
            bcc?: components["schemas"]["Addr"][] | null;
            cc?: components["schemas"]["Addr"][] | null;
            choices?: string[] | null;
            html?: string;
            inHours?: boolean;
            /** @enum {string} */
            kind: "reply" | "note";
            mentions?: string[] | null;
            public?: boolean;
            replyAll?: boolean;
            replyTo?: string;
            resolve?: boolean;
            template?: components["schemas"]["TemplateUse"];
            text?: string;
            to?: components["schemas"]["Addr"][] | null;
        };
        NewRecord: {
            /** Format: date-time */
            at?: string;
            attachmentIds?: string[] | null;
            conversationId?: string;
            customer?: components["schemas"]["RecordCaller"];
            /** @enum {string} */
            how: "phone" | "walk-in" | "letter" | "fax";
            inboxId?: string;
            ours?: boolean;
            place?: string;
            resolve?: boolean;
            subject?: string;
            tags?: string[] | null;
            takenBy?: string;
            text?: string;
        };
        NewRemedyInputBody: {
            /** Format: int64 */
            amount?: number;
            currency?: string;
            text?: string;
            /** @enum {string} */
            type: "apology" | "refund" | "exchange" | "redo" | "credit";
        };
        NewTagInputBody: {
            /** Format: int64 */
            color?: number;
            complaint?: boolean;
            name: string;
        };
        NewTeamInputBody: {
            agentIds?: string[] | null;
            name: string;
        };
        NewWords: {
            /** Format: date-time */
            dueAt: string;
            text: string;
        };
        NoticeView: {
            agentId: string | null;
            /** Format: date-time */
            at: string;
            caseId: string | null;
            conversationId: string | null;
            id: string;
            inboxId: string | null;
            /** @enum {string} */
            kind: "case.opened" | "case.owner" | "case.reopened" | "case.escalated" | "promise.broken" | "remedy.proposed" | "mention" | "assigned" | "released" | "inbox.failing" | "inbox.expiring" | "inbox.expired";
            /** Format: date-time */
            readAt: string | null;
            text: string;
            title: string;
        };
        Notices: {
            items: components["schemas"]["NoticeView"][];
            next?: string;
            /** Format: int64 */
            unread: number;
        };
        "OutStruct {}Body": Record<string, never>;
        PageAgent: {
            items: components["schemas"]["Agent"][];
            next?: string;
        };
        PageBrand: {
            items: components["schemas"]["Brand"][];
            next?: string;
        };
        PageCase: {
            items: components["schemas"]["Case"][];
            next?: string;
        };
        PageChannel: {
            items: components["schemas"]["Channel"][];
            next?: string;
        };
        PageContactPoint: {
            items: components["schemas"]["ContactPoint"][];
            next?: string;
        };
        PageConversation: {
            items: components["schemas"]["Conversation"][];
            next?: string;
        };
        PageCustomer: {
            items: components["schemas"]["Customer"][];
            next?: string;
        };
        PageForm: {
            items: components["schemas"]["Form"][];
            next?: string;
        };
        PageHit: {
            items: components["schemas"]["Hit"][];
            next?: string;
        };
        PageInbox: {
            items: components["schemas"]["Inbox"][];
            next?: string;
        };
        PageInvitation: {
            items: components["schemas"]["Invitation"][];
            next?: string;
        };
        PageJob: {
            items: components["schemas"]["Job"][];
            next?: string;
        };
        PageKey: {
            items: components["schemas"]["Key"][];
            next?: string;
        };
        PageLedgerRow: {
            items: components["schemas"]["LedgerRow"][];
            next?: string;
        };
        PageLoopRow: {
            items: components["schemas"]["LoopRow"][];
            next?: string;
        };
        PagePaper: {
            items: components["schemas"]["Paper"][];
            next?: string;
        };
        PageRating: {
            items: components["schemas"]["Rating"][];
            next?: string;
        };
        PageResponse: {
            items: components["schemas"]["Response"][];
            next?: string;
        };
        PageSession: {
            items: components["schemas"]["Session"][];
            next?: string;
        };
        PageSticker: {
            items: components["schemas"]["Sticker"][];
            next?: string;
        };
        PageSuggestion: {
            items: components["schemas"]["Suggestion"][];
            next?: string;
        };
        PageSurvey: {
            items: components["schemas"]["Survey"][];
            next?: string;
        };
        PageTag: {
            items: components["schemas"]["Tag"][];
            next?: string;
        };
        PageTeam: {
            items: components["schemas"]["Team"][];
            next?: string;
        };
        PageTemplate: {
            items: components["schemas"]["Template"][];
            next?: string;
        };
        PageTimelineItem: {
            items: components["schemas"]["TimelineItem"][];
            next?: string;
        };
        Paper: {
            /** Format: int64 */
            columns: number;
            fold: boolean;
            /** Format: double */
            height: number;
            name: string;
            paper: string;
            /** Format: int64 */
            rows: number;
            /** Format: double */
            width: number;
        };
        PasswordInputBody: {
            password: string;
        };
        Place: {
            active: boolean;
            brandId: string;
            funnel: components["schemas"]["PlaceFunnel"];
            id: string;
            inboxId: string;
            /** @enum {string} */
            kind: "place" | "asset" | "product";
            /** Format: int64 */
            lingers: number;
            name: components["schemas"]["FormWords"];
            question: components["schemas"]["FormWords"];
            /** Format: int64 */
            stickers: number;
            /** Format: int64 */
            version: number;
        };
        PlaceBody: {
            active: boolean;
            inboxId: string;
            /** @enum {string} */
            kind: "place" | "asset" | "product";
            name: components["schemas"]["FormWords"];
            question?: components["schemas"]["FormWords"];
        };
        PlaceFunnel: {
            /** Format: int64 */
            complaints: number;
            csat: components["schemas"]["LoopCSAT"];
            /** Format: int64 */
            kiosk: number;
            /** Format: int64 */
            scans: number;
            /** Format: int64 */
            starts: number;
            /** Format: int64 */
            submits: number;
        };
        PlaceInputBody: {
            /** Format: int64 */
            version: number;
        };
        PlacePage: {
            from: string;
            items: components["schemas"]["Place"][];
            to: string;
        };
        PlaybookRef: {
            id: string;
            name: string;
            /** Format: int64 */
            version: number;
        };
        Point: {
            address: string;
            /** Format: date-time */
            bouncedAt: string | null;
            /** Format: date-time */
            endedAt: string | null;
            id: string;
            kind: string;
        };
        "Post-conversations-bulkRequest": {
            ids: string[] | null;
            patch: components["schemas"]["ConversationPatch"];
        };
        "Post-conversationsRequest": {
            attachmentIds?: string[] | null;
            bcc?: components["schemas"]["Addr"][] | null;
            cc?: components["schemas"]["Addr"][] | null;
            html?: string;
            inboxId: string;
            subject?: string;
            template?: components["schemas"]["TemplateUse"];
            text?: string;
            to: components["schemas"]["Addr"][] | null;
        };
        Promise: {
            /** Format: date-time */
            dueAt: string;
            id: string;
            /** Format: date-time */
            keptAt: string | null;
            messageId: string | null;
            /** @enum {string} */
            state: "open" | "kept" | "broken";
            text: string;
        };
        "Put-authoritiesRequest": {
            items: components["schemas"]["Authority"][] | null;
            /** Format: int64 */
            version?: number;
        };
        Rating: {
            asks: boolean;
            /** Format: date-time */
            at: string;
            conversationId: string | null;
            id: string;
            kiosk: boolean;
            /** Format: int64 */
            score: number | null;
            stickerId: string;
            /** Format: date-time */
            submittedAt: string | null;
            words: string;
        };
        ReasonInputBody: {
            reason: string;
        };
        ReceiveWrite: {
            folders?: string[];
            host?: string;
            /** @enum {string} */
            mode?: "imap" | "smtp" | "none";
            password?: string;
            /** Format: int64 */
            port?: number;
            /** @enum {string} */
            security?: "tls" | "starttls" | "plain" | "";
            since?: string;
            trust?: string;
            username?: string;
        };
        Reception: {
            answers: components["schemas"]["ReceptionAnswer"][];
            form: components["schemas"]["ReceptionForm"];
            prompts: components["schemas"]["ReceptionPrompt"][];
            /** Format: int64 */
            version: number;
            votes: components["schemas"]["ReceptionVotes"][];
        };
        ReceptionAnswer: {
            body: components["schemas"]["FormWords"];
            id: string;
            title: components["schemas"]["FormWords"];
        };
        ReceptionDesign: {
            answers: components["schemas"]["ReceptionAnswer"][];
            form: components["schemas"]["ReceptionForm"];
            prompts: components["schemas"]["ReceptionPrompt"][];
            /** Format: int64 */
            version: number;
        };
        ReceptionField: {
            choices: components["schemas"]["FormWords"][];
            label: components["schemas"]["FormWords"];
            name: string;
            required: boolean;
            /** @enum {string} */
            type: "name" | "email" | "text" | "choice";
        };
        ReceptionForm: {
            fields: components["schemas"]["ReceptionField"][];
            /** @enum {string} */
            when: "never" | "always" | "closed" | "unknown";
        };
        ReceptionPrompt: {
            active: boolean;
            /** Format: int64 */
            after: number;
            /** Format: int64 */
            days: number;
            id: string;
            open: boolean;
            page: string;
            /** Format: int64 */
            pages: number;
            returning: boolean;
            /** Format: int64 */
            scroll: number;
            text: components["schemas"]["FormWords"];
        };
        ReceptionVotes: {
            answerId: string;
            /** Format: int64 */
            no: number;
            /** Format: int64 */
            yes: number;
        };
        RecordCaller: {
            email?: string;
            id?: string;
            name?: string;
            phone?: string;
        };
        RefuseInputBody: {
            reason?: string;
        };
        Released: {
            /** Format: int64 */
            approvals: number;
            /** Format: int64 */
            cases: number;
            /** Format: int64 */
            conversations: number;
            /** Format: int64 */
            promises: number;
            /** Format: int64 */
            steps: number;
        };
        Remedy: {
            /** Format: int64 */
            amount: number;
            approvedBy: string | null;
            /** Format: date-time */
            createdAt: string;
            currency: string;
            /** Format: date-time */
            decidedAt: string | null;
            /** Format: date-time */
            deliveredAt: string | null;
            id: string;
            proposedBy: string;
            reason: string;
            /** @enum {string} */
            state: "proposed" | "approved" | "refused" | "delivered" | "forgone";
            text: string;
            /** @enum {string} */
            type: "apology" | "refund" | "exchange" | "redo" | "credit";
        };
        Response: {
            agentId: string | null;
            /** Format: date-time */
            answeredAt: string;
            /** @enum {string} */
            band: "satisfied" | "neutral" | "dissatisfied";
            brandId: string;
            caseId: string | null;
            /** Format: date-time */
            changedAt: string | null;
            comment: string;
            conversationId: string;
            customer: components["schemas"]["CustomerRef"];
            history: components["schemas"]["ResponseVersion"][];
            id: string;
            inboxId: string;
            invitationId: string;
            /** @enum {string} */
            kind: "csat" | "follow-up";
            repeated: boolean | null;
            /** Format: int64 */
            score: number;
            teamId: string | null;
        };
        ResponseVersion: {
            /** Format: date-time */
            at: string;
            comment: string;
            repeated: boolean | null;
            /** Format: int64 */
            score: number;
        };
        ReviewWrong: {
            /** Format: int64 */
            line: number;
            text: string;
        };
        ReviewsInputBody: {
            csv: string;
            tag?: string;
        };
        ReviewsTaken: {
            /** Format: int64 */
            known: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            new: number;
            /** Format: int64 */
            refused: number;
            /** Format: int64 */
            waiting: number;
            wrong: components["schemas"]["ReviewWrong"][];
        };
        Satisfaction: {
            distribution: number[];
            /** Format: double */
            high: number | null;
            /** Format: double */
            low: number | null;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            numerator: number;
            /** Format: double */
            value: number | null;
        };
        ScoreOfContact: {
            /** @enum {string} */
            band: "satisfied" | "neutral" | "dissatisfied";
            /** Format: int64 */
            value: number;
        };
        SendWrite: {
            host?: string;
            /** @enum {string} */
            mode?: "smtp" | "none";
            password?: string;
            /** Format: int64 */
            port?: number;
            /** @enum {string} */
            security?: "tls" | "starttls" | "plain" | "";
            trust?: string;
            username?: string;
        };
        Session: {
            address: string;
            /** Format: date-time */
            createdAt: string;
            current: boolean;
            id: string;
            /** Format: date-time */
            lastSeenAt: string;
            userAgent: string;
        };
        Setup: {
            /** @enum {string} */
            locale: "ja" | "en";
            needed: boolean;
            steps: components["schemas"]["SetupSteps"];
        };
        SetupSteps: {
            administrator: boolean;
            brand: boolean;
            inbox: boolean;
        };
        Share: {
            /** Format: double */
            high: number | null;
            /** Format: double */
            low: number | null;
            /** Format: int64 */
            n: number;
            /** Format: int64 */
            numerator: number;
            /** Format: double */
            value: number | null;
        };
        SignInInputBody: {
            email: string;
            password: string;
        };
        SkipInputBody: {
            reason: string;
        };
        SplitInputBody: {
            messageId: string;
        };
        StepInputBody: {
            evidence: components["schemas"]["Evidence"];
        };
        Sticker: {
            code: string;
            /** Format: date-time */
            endedAt: string | null;
            funnel: components["schemas"]["PlaceFunnel"];
            id: string;
            /** Format: date-time */
            issuedAt: string;
            kioskUrl: string;
            label: string;
            lingers: boolean;
            placeId: string;
            replacedBy: string | null;
            /** Format: date-time */
            scannedAt: string | null;
            /** @enum {string} */
            state: "active" | "retired" | "replaced";
            url: string;
        };
        StickerPatchBody: {
            label?: string;
            retired?: boolean;
        };
        StoryRow: {
            actor: components["schemas"]["Author"];
            /** Format: date-time */
            at: string;
            kind: string;
            messageId: string | null;
            text: string;
        };
        Suggestion: {
            assigneeId: string | null;
            brandId: string;
            caseId: string | null;
            /** Format: date-time */
            createdAt: string;
            customer: components["schemas"]["CustomerRef"];
            id: string;
            inboxId: string;
            last: components["schemas"]["EventView"];
            /** Format: date-time */
            lastMessageAt: string;
            /** @enum {string} */
            lastMessageFrom: "customer" | "agent" | "";
            /** Format: int64 */
            messageCount: number;
            muted: boolean;
            preview: string;
            /** @enum {string} */
            priority: "low" | "normal" | "high" | "urgent";
            /** @enum {string} */
            reason: "stranger" | "inbox" | "closed" | "late" | "split" | "returning" | "address" | "subject" | "customer";
            /** Format: int64 */
            ref: number;
            /** Format: date-time */
            resolvedAt: string | null;
            score: components["schemas"]["ScoreOfContact"];
            /** Format: date-time */
            snoozedUntil: string | null;
            /** @enum {string} */
            status: "open" | "pending" | "snoozed" | "resolved" | "closed";
            subject: string;
            tags: string[];
            teamId: string | null;
            unread: boolean;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            waitingSince: string | null;
            written?: string;
        };
        Survey: {
            brandId: string;
            id: string;
            inboxId: string;
            /** @enum {string} */
            metric: "csat";
            policy: components["schemas"]["SurveyPolicy"];
            title: string;
        };
        SurveyPolicy: {
            asksRepeat?: boolean;
            /** Format: int64 */
            cooldownDays: number;
            /** Format: int64 */
            delayMinutes: number;
            enabled: boolean;
            question?: components["schemas"]["SurveyQuestion"];
            quietFrom: string;
            quietTo: string;
            /** Format: int64 */
            sampling: number;
            /** Format: int64 */
            version?: number;
        };
        SurveyQuestion: {
            en?: string;
            ja?: string;
        };
        Tag: {
            /** Format: int64 */
            color: number;
            complaint: boolean;
            id: string;
            name: string;
        };
        TagPatchInputBody: {
            /** Format: int64 */
            color?: number;
            complaint?: boolean;
            name?: string;
        };
        Team: {
            agentIds: string[];
            id: string;
            name: string;
        };
        TeamPatchInputBody: {
            agentIds?: string[];
            name?: string;
        };
        TellInputBody: {
            address: string;
        };
        Template: {
            body: string;
            buttons: components["schemas"]["TemplateButton"][];
            footer: string;
            header: string;
            language: string;
            /** @enum {string} */
            media: "" | "image" | "video" | "document";
            name: string;
            variables: string[];
        };
        TemplateButton: {
            text: string;
            url: string;
        };
        TemplateUse: {
            language: string;
            name: string;
            values: string[];
        };
        Thread: {
            items: components["schemas"]["Message"][];
            later: string | null;
            next: string | null;
        };
        TimelineItem: {
            /** Format: date-time */
            at: string;
            caseId: string | null;
            conversationId: string | null;
            id: string;
            /** @enum {string} */
            kind: "conversation" | "message" | "note" | "response" | "case";
            /** Format: int64 */
            ref?: number;
            /** Format: int64 */
            score: number | null;
            /** Format: int64 */
            severity?: number;
            state: string | null;
            text: string;
            title: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
