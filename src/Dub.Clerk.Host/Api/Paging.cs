namespace Dub.Clerk.Host.Api;

/// <summary>How lists are paged: by number, or from a record on. Dub's words where the two are mixed.</summary>
internal static class Paging
{
    public const int MaxPageSize = 100;
    private const int MaxPage = 1000;

    /// <param name="fields">The query.</param>
    /// <param name="order">By what the list is sorted.</param>
    /// <param name="page">The page that was asked for.</param>
    public static DubFault? Check(QueryFields fields, string order, int page)
    {
        var (after, before) = (fields.Has("startingAfter"), fields.Has("endingBefore"));
        var message = after && before ? "You cannot use both startingAfter and endingBefore at the same time."
            : (after || before) && order != "createdAt"
                ? "Cursor-based pagination only supports sorting by `createdAt`. Use offset-based pagination (page/pageSize) for other sort fields."
            : (after || before) && fields.Has("page")
                ? "You cannot use both page and startingAfter/endingBefore at the same time. Please use one pagination method."
            : page > MaxPage ? "Page is too big (cannot be more than 1000), recommend using cursor-based pagination instead."
            : null;
        return message is null ? null : DubErrors.Unprocessable(message);
    }
}
