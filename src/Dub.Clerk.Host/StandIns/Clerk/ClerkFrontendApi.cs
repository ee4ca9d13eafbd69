using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Clerk's Frontend API, as far as its browser code needs it to sign somebody up, in and out. A browser is known by its
/// <c>__clerk_db_jwt</c>, as in development instances.</summary>
internal static class ClerkFrontendApi
{
    public static void MapClerkFrontendApi(this IEndpointRouteBuilder endpoints, ClerkServer clerk, ClerkResources resources, TimeProvider time)
    {
        var api = endpoints.MapGroup("/v1").AddEndpointFilter((invocation, next) =>
        {
            invocation.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(invocation);
        });
        api.MapMethods("/environment", [HttpMethods.Get, HttpMethods.Patch], () => ClerkErrors.Json(resources.Environment()));
        api.MapPost("/dev_browser", () => clerk.Browsers.New() is var client
            ? ClerkErrors.Json(new JsonObject { ["id"] = client.Token, ["token"] = client.Token })
            : null);
        api.MapGet("/client", async (HttpContext context) => await ClerkFrontendRequest.ReadAsync(context, clerk) is { Client: { } client } request
            ? Locked(client, () => resources.Reply(resources.Client(client, request.Origin), client: null, request.Origin))
            : resources.Reply(null, client: null, origin: null));

        var sessions = new ClerkSessionEndpoints(clerk, resources, time);
        api.MapWithClient("/client/sessions/{id}/touch", HttpMethods.Post, clerk, sessions.Touch);
        api.MapWithClient("/client/sessions/{id}/tokens", HttpMethods.Post, clerk, sessions.Token);
        api.MapWithClient("/client/sessions/{id}/end", HttpMethods.Post, clerk, sessions.End);
        api.MapWithClient("/client/sessions/{id}/remove", HttpMethods.Post, clerk, sessions.End);
        api.MapWithClient("/client/sessions", HttpMethods.Delete, clerk, sessions.EndAll);
        api.MapWithClient("/me", HttpMethods.Get, clerk, sessions.Me);
        api.MapWithClient("/me", HttpMethods.Patch, clerk, sessions.ChangeMe);
        api.MapWithClient("/me/metadata", HttpMethods.Patch, clerk, sessions.MergeMyMetadata);

        var signUps = new ClerkSignUpEndpoints(clerk, resources, time);
        api.MapWithClient("/client/sign_ups", HttpMethods.Post, clerk, signUps.Create);
        api.MapWithClient("/client/sign_ups/{id}", HttpMethods.Patch, clerk, signUps.Change);
        api.MapWithClient("/client/sign_ups/{id}/prepare_verification", HttpMethods.Post, clerk, signUps.Prepare);
        api.MapWithClient("/client/sign_ups/{id}/attempt_verification", HttpMethods.Post, clerk, signUps.Attempt);

        var signIns = new ClerkSignInEndpoints(clerk, resources, time);
        api.MapWithClient("/client/sign_ins", HttpMethods.Post, clerk, signIns.Create);
        api.MapWithClient("/client/sign_ins/{id}/attempt_first_factor", HttpMethods.Post, clerk, signIns.Attempt);
    }

    /// <summary>The browser code only ever sends GET and POST; what it means is in the address.</summary>
    public static Task UseMeantMethod(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Query["_method"] is [{ Length: > 0 } method])
        {
            context.Request.Method = method.ToUpperInvariant();
        }

        return next(context);
    }

    /// <summary>Pages of this machine may call from their own origin, as any page of an instance may.</summary>
    public static Task AllowLocalOrigins(HttpContext context, RequestDelegate next)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Headers.Origin is not [{ } origin] || !Uri.TryCreate(origin, UriKind.Absolute, out var page)
            || page is not { Scheme: "http" or "https", IsLoopback: true })
        {
            return next(context);
        }

        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowCredentials = "true";
        response.Headers.AccessControlExposeHeaders = "Authorization";
        response.Headers.Vary = "Origin";
        if (!HttpMethods.IsOptions(request.Method))
        {
            return next(context);
        }

        response.Headers.AccessControlAllowMethods = "GET, POST";
        response.Headers.AccessControlAllowHeaders = request.Headers.AccessControlRequestHeaders;
        response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static void MapWithClient(
        this IEndpointRouteBuilder api, string pattern, string method, ClerkServer clerk, Func<ClerkBrowser, ClerkFrontendRequest, string, IResult> handle) =>
        api.MapMethods(pattern, [method], async (HttpContext context) =>
        {
            var request = await ClerkFrontendRequest.ReadAsync(context, clerk);
            return request.Client is { } client
                ? Locked(client, () => handle(client, request, context.GetRouteValue("id") as string ?? string.Empty))
                : ClerkErrors.Create(StatusCodes.Status401Unauthorized, "dev_browser_unauthenticated", "Unable to authenticate this browser for your development instance.");
        });

    private static IResult Locked(ClerkBrowser client, Func<IResult> handle)
    {
        lock (client.Lock)
        {
            return handle();
        }
    }
}
