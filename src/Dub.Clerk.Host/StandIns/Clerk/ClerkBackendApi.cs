using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Clerk's Backend API: users, their metadata, and the key set, for whoever has the secret key.</summary>
internal static class ClerkBackendApi
{
    /// <summary>From this version of the API on, metadata is changed at <c>/metadata</c> only.</summary>
    private const string MetadataApartSince = "2026-05-12";

    private static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    private static readonly string[] Profile = ["first_name", "last_name", "username", "external_id"];

    public static void MapClerkBackendApi(this IEndpointRouteBuilder endpoints, ClerkServer clerk)
    {
        endpoints.MapGet("/.well-known/jwks.json", () => Keys(clerk));

        var api = endpoints.MapGroup("/v1");
        api.MapGet("/jwks", () => Keys(clerk)).Called(ClerkCallKind.GetKeys, clerk);
        api.MapGet("/clients/handshake_payload", (string? nonce) => clerk.Handshake.Payload(nonce)).Called(ClerkCallKind.GetHandshake, clerk);
        api.MapGet("/users", (HttpRequest request) => List(request, clerk)).Called(ClerkCallKind.ListUsers, clerk);
        api.MapGet("/users/{id}", (string id) => Answer(clerk.Users.Find(id))).Called(ClerkCallKind.GetUser, clerk);
        api.MapDelete("/users/{id}", (string id) => Answer(clerk.Users.Delete(id))).Called(ClerkCallKind.DeleteUser, clerk);
        api.MapPatch("/users/{id}", (string id, HttpRequest request) => UpdateAsync(id, request, clerk)).Called(ClerkCallKind.UpdateUser, clerk);
        api.MapPatch("/users/{id}/metadata", (string id, HttpRequest request) => ChangeMetadataAsync(id, request, ClerkMetadata.Merge, clerk))
            .Called(ClerkCallKind.MergeMetadata, clerk);
        api.MapPut("/users/{id}/metadata", (string id, HttpRequest request) => ChangeMetadataAsync(id, request, ClerkMetadata.Replace, clerk))
            .Called(ClerkCallKind.ReplaceMetadata, clerk);
    }

    private static void Called(this RouteHandlerBuilder endpoint, ClerkCallKind kind, ClerkServer clerk) => endpoint.AddEndpointFilter(async (invocation, next) =>
    {
        var context = invocation.HttpContext;
        var userId = context.GetRouteValue("id") as string;
        var result = await CallAsync(kind, userId, context, clerk, async () => (IResult)(await next(invocation))!);
        clerk.Calls.Add(new ClerkCall(kind, userId, (result as IStatusCodeHttpResult)?.StatusCode ?? 0));
        return result;
    });

    private static async Task<IResult> CallAsync(ClerkCallKind kind, string? userId, HttpContext context, ClerkServer clerk, Func<Task<IResult>> handle)
    {
        if (context.Request.Headers.Authorization != $"Bearer {clerk.SecretKey}")
        {
            return ClerkErrors.Unauthorized();
        }

        if (kind == ClerkCallKind.GetKeys)
        {
            return await handle();
        }

        var changes = kind is ClerkCallKind.MergeMetadata or ClerkCallKind.ReplaceMetadata or ClerkCallKind.UpdateUser;
        if (clerk.Limits.SecondsToWait(changes ? userId : null) is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return ClerkErrors.TooManyRequests();
        }

        var fault = clerk.Faults.Draw();
        if (fault != ClerkFault.None && !ClerkFaults.IsAfterTheEffect(fault))
        {
            return await clerk.Faults.FailAsync(fault, context);
        }

        var result = await handle();
        return fault == ClerkFault.None ? result : await clerk.Faults.FailAsync(fault, context);
    }

    private static IResult Keys(ClerkServer clerk) => TypedResults.Text(clerk.Instance.Jwks(), "application/json");

    private static IResult List(HttpRequest request, ClerkServer clerk)
    {
        var (query, fault) = ClerkUserQuery.Read(request.Query);
        return fault ?? ClerkErrors.Json(new JsonArray([.. clerk.Users.List(query)]));
    }

    private static async Task<IResult> ChangeMetadataAsync(string id, HttpRequest request, Action<JsonObject, JsonObject> change, ClerkServer clerk) =>
        await ReadAsync(request) is not { } body ? ClerkErrors.BodyInvalid()
        : ClerkMetadata.FaultIn(body) is { } fault ? fault
        : Answer(clerk.Users.Update(id, user => change(user, body)));

    private static async Task<IResult> UpdateAsync(string id, HttpRequest request, ClerkServer clerk)
    {
        if (await ReadAsync(request) is not { } body)
        {
            return ClerkErrors.BodyInvalid();
        }

        var version = request.Headers["Clerk-API-Version"].ToString();
        if (string.CompareOrdinal(version, MetadataApartSince) >= 0 && ClerkMetadata.Fields.FirstOrDefault(body.ContainsKey) is { } refused)
        {
            return ClerkErrors.ParameterUnknown(refused);
        }

        return ClerkMetadata.FaultIn(body) ?? FaultInProfile(body) ?? Answer(clerk.Users.Update(id, user =>
        {
            ClerkMetadata.Replace(user, body);
            foreach (var field in Profile.Where(body.ContainsKey))
            {
                user[field] = body[field]?.DeepClone();
            }
        }));
    }

    private static IResult? FaultInProfile(JsonObject body) =>
        Profile.FirstOrDefault(field => body[field] is { } value && value.GetValueKind() != JsonValueKind.String) is { } wrong
            ? ClerkErrors.ParameterInvalid(wrong, $"{wrong} must be a text.")
            : null;

    private static IResult Answer(JsonObject? user) => user is null ? ClerkErrors.NotFound("user") : ClerkErrors.Json(user);

    private static async Task<JsonObject?> ReadAsync(HttpRequest request)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body, documentOptions: NoDuplicates, cancellationToken: request.HttpContext.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
