namespace Dub.Clerk.Host.Api;

/// <summary>A field that a request may leave out, which changes nothing, or give as null, which clears it.</summary>
/// <param name="value">What was given.</param>
internal readonly struct Given<T>(T? value)
    where T : class
{
    public bool IsGiven { get; } = true;

    public T? Value { get; } = value;

    public T? Or(T? kept) => IsGiven ? Value : kept;
}
