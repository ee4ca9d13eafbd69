using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Dub.Clerk.Host.Api;

/// <summary>The OpenAPI document, and the page that shows it without asking anybody else for anything.</summary>
internal static class ApiDocument
{
    private const string ApiKey = "ApiKey";
    private const string PublishableKey = "PublishableKey";
    private const string Session = "Session";

    /// <summary>Called with the API key.</summary>
    public static readonly object ByApiKey = new SecurityMetadata(ApiKey);

    /// <summary>Called by pages, with the publishable key.</summary>
    public static readonly object ByPublishableKey = new SecurityMetadata(PublishableKey);

    /// <summary>Called by a signed-in user.</summary>
    public static readonly object BySession = new SecurityMetadata(Session);

    /// <summary>Whether the build has started the host, for its document alone.</summary>
    public static bool IsBeingWritten => Assembly.GetEntryAssembly()?.GetName().Name == "GetDocument.Insider";

    /// <summary>What the host demands to start. It is not asked anything but its document, so nothing of it is used, and no store is started.</summary>
    public static void ConfigureForWriting(IConfigurationBuilder configuration) => configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["DUBCLERK_API_KEY"] = "of-nobody-and-for-nothing",
        ["DUBCLERK_DATA_DIR"] = ".",
        ["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_" + Convert.ToBase64String(new byte[24]),
        ["CLERK_PUBLISHABLE_KEY"] = "pk_test_" + Convert.ToBase64String("clerk.example.com$"u8),
        ["DubClerk:AllowAnyAuthorizedParty"] = "true",
        ["ConnectionStrings:Redis"] = "localhost",
    });

    public static void Configure(OpenApiOptions options)
    {
        options.AddSchemaTransformer(ApiExamples.AddAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Dub.Clerk",
                Version = "v1",
                Description = "Clerk's webhooks, short links, and a conversion API with the wire format of Dub's.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[ApiKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The value of DUBCLERK_API_KEY.",
            };
            document.Components.SecuritySchemes[PublishableKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The value of DUBCLERK_PUBLISHABLE_KEY.",
            };
            document.Components.SecuritySchemes[Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A Clerk session token; a browser on the same site sends it in the cookie __session.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<SecurityMetadata>().LastOrDefault() is { } security)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(security.Scheme, context.Document)] = [] }];
            }

            return Task.CompletedTask;
        });
    }

    public static void ConfigureReference(ScalarOptions options)
    {
        options.Title = "Dub.Clerk API";
        options.AddPreferredSecuritySchemes(ApiKey);

        // Nothing that would ask, or lead to, another site.
        options.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton();
    }

    private sealed record SecurityMetadata(string Scheme);
}
