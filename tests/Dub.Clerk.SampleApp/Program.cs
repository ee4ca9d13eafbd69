using System.Security.Claims;
using Dub.Clerk.SignUps;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDubClerk();

var app = builder.Build();
app.UseDubClerk();
app.MapClerkWebhooks();

// A page that signs people up with Clerk's own component, and what it needs to know for that.
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapGet("/clerk.json", (IConfiguration settings) => new { PublishableKey = settings["CLERK_PUBLISHABLE_KEY"], ProxyUrl = settings["CLERK_PROXY_URL"] });

// Who brought the signed-in user: the request itself has brought the click, by its cookie.
app.MapPost("/me", async (HttpContext context, ISignUps signUps, CancellationToken cancellationToken) =>
    context.User.GetClerkUserId() is not { } userId ? Results.Unauthorized()
    : await signUps.FindAsync(userId, cancellationToken) is { } signUp ? Results.Ok(new { State = signUp.State.ToString(), signUp.ClickId })
    : Results.NoContent());
app.Run();
