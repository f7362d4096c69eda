from django.core.paginator import Paginator

class InfinitePaginator(Paginator):  # type: ignore[type-arg]
    template_name: str
