using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Api;

/// <summary>Lets in pages that present a publishable key, from hosts that are allowed; the refusals are Dub's. The key is in every page, so it keeps
/// nobody out who wants in: what comes this way is no proof of a customer.</summary>
internal sealed class PublishableKeyFilter(HostOptions options, LiveSecrets secrets) : IEndpointFilter
{
    private const string Scheme = "Bearer ";
    private const string Prefix = "dub_pk_";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var header = context.HttpContext.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return ValueTask.FromResult<object?>(DubErrors.Unauthorized("Missing publishable key."));
        }

        var key = header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : string.Empty;
        if (secrets.Current.PublishableKeys.Find(key) != KeyList.None)
        {
            return AllowedHostnames.Refuse(context.HttpContext.Request, options.AllowedHostnames) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);
        }

        return ValueTask.FromResult<object?>(key.StartsWith(Prefix, StringComparison.Ordinal)
            ? DubErrors.Unauthorized("Invalid publishable key.")
            : DubErrors.BadRequest("Invalid or missing publishable key."));
    }
}
